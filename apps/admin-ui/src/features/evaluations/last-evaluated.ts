/**
 * Last evaluations in words. Beside each stands how many of the connected instances report at all: a flag that nobody reports is not a
 * flag that nobody uses.
 */
import type { CoverageSummary, LastEvaluated, LastEvaluations } from '@yardarm/contract';

/** Of one environment, or of several. */
type Counts = Pick<CoverageSummary, 'server' | 'client'>;

export interface Evaluated {
  readonly environment: string;
  readonly atMs: number;
  /** The last time its callers got their code defaults: the flag's rules answered nothing since. */
  readonly byDefault: boolean;
  /** Reported by browsers alone, whose word is forgeable. */
  readonly byBrowsersOnly: boolean;
}

/** Null: never, as far as was reported. */
export function evaluatedIn({ flags }: LastEvaluations, flag: string, environment: string): Evaluated | null {
  const entry = flags.find((one) => one.flag === flag && one.environment === environment);
  return entry === undefined ? null : toEvaluated(entry);
}

/** Of every flag of the environment, by key; what nobody has reported is not there. */
export function evaluatedByFlag({ flags }: LastEvaluations, environment: string): ReadonlyMap<string, Evaluated> {
  const byFlag = new Map<string, Evaluated>();
  for (const entry of flags) {
    const evaluated = entry.environment === environment ? toEvaluated(entry) : null;
    if (evaluated !== null) byFlag.set(entry.flag, evaluated);
  }
  return byFlag;
}

function toEvaluated({ environment, server, client }: LastEvaluated): Evaluated | null {
  const all = [server, client].map(({ ruleServedAt, defaultServedAt }) => ({
    rule: ruleServedAt === null ? 0 : Date.parse(ruleServedAt),
    byDefault: defaultServedAt === null ? 0 : Date.parse(defaultServedAt),
  }));
  const ruleMs = Math.max(...all.map(({ rule }) => rule));
  const defaultMs = Math.max(...all.map(({ byDefault }) => byDefault));
  const atMs = Math.max(ruleMs, defaultMs);
  if (atMs === 0) return null;
  const byBrowsersOnly = server.ruleServedAt === null && server.defaultServedAt === null;
  return { environment, atMs, byDefault: defaultMs > ruleMs, byBrowsersOnly };
}

/** Of connected instances that have had the time to report. Null: there are none, so that nothing is known. */
export function reportingShare(coverage: Counts | undefined): number | null {
  if (coverage === undefined) return null;
  const reporting = coverage.server.reporting + coverage.client.reporting;
  const all = reporting + coverage.server.silent + coverage.client.silent;
  return all === 0 ? null : reporting / all;
}

/** `94 % of connected instances report`. Never rounded up to everybody, nor down to nobody. */
export function coverageSentence(coverage: Counts | undefined): string {
  const share = reportingShare(coverage);
  if (share === null && isAwaited(coverage)) return 'the connected instances have not had time to report';
  if (share === null) return 'no instance is connected';
  return `${toPercent(share)} of connected instances report`;
}

/** What reports of every environment together are worth. */
export function coverageOfAll(all: readonly CoverageSummary[]): Counts {
  const sum = (kind: 'server' | 'client') => ({
    reporting: all.reduce((total, one) => total + one[kind].reporting, 0),
    silent: all.reduce((total, one) => total + one[kind].silent, 0),
    awaited: all.reduce((total, one) => total + one[kind].awaited, 0),
  });
  return { server: sum('server'), client: sum('client') };
}

/** `94 % report`. */
export function coverageWord(coverage: Counts | undefined): string {
  const share = reportingShare(coverage);
  if (share === null) return isAwaited(coverage) ? 'too new to tell' : 'nobody connected';
  return `${toPercent(share)} report`;
}

/** Somebody is connected, and too lately to be counted as one who reports or does not. */
function isAwaited(coverage: Counts | undefined): boolean {
  return coverage !== undefined && coverage.server.awaited + coverage.client.awaited > 0;
}

function toPercent(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  return `${Math.min(99, Math.max(1, Math.round(share * 100)))} %`;
}

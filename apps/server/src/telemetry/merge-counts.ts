/**
 * Reports as the tables keep them: counts summed by what is told apart, ages turned into hours. Pure. What a report names and the
 * project does not have is set apart here, so that nothing is stored of it but its name.
 */
import type { SdkKey } from '../delivery/sdk-keys.ts';
import type { ReadReport } from './read-report.ts';

/** What is counted of a variant that the flag does not have, now or any more. No variant can have this name. */
export const OTHER_VARIANT = '(other)';
/** Of counts that waited longer, as through an outage, the hour is the first that is kept. */
export const MAX_AGE_MS = 47 * 3_600_000;
export const HOUR_MS = 3_600_000;
/** Code defaults, and skipped rules, that are kept of one flag in one environment. */
export const MAX_NAMES_OF_FLAG = 20;
/** As JavaScript reads it exactly; forged counts end there. */
export const MAX_TOTAL = Number.MAX_SAFE_INTEGER;

const REASONS: ReadonlySet<string> = new Set([
  'STATIC',
  'DEFAULT',
  'TARGETING_MATCH',
  'SPLIT',
  'DISABLED',
  'ERROR',
  'CACHED',
  'STALE',
]);
const OTHER_REASON = 'UNKNOWN';

export interface AcceptedReport {
  readonly key: SdkKey;
  readonly report: ReadReport;
}

export interface KnownFlag {
  readonly id: string;
  readonly variants: ReadonlySet<string>;
}

/** `undefined`: the environment's project has no such flag, archived or not. */
export type FindFlag = (environmentId: string, key: string) => KnownFlag | undefined;

interface Place {
  readonly environmentId: string;
  readonly keyKind: SdkKey['kind'];
}
interface FlagPlace extends Place {
  readonly flagId: string;
}

export interface SeriesCounts extends FlagPlace {
  readonly app: string;
  readonly appVersion: string;
  readonly variant: string;
  readonly reason: string;
  readonly defaultServed: boolean;
  /** Hour since 1970 -> evaluations. */
  readonly hours: ReadonlyMap<number, number>;
}

export interface MergedReports {
  readonly series: readonly SeriesCounts[];
  readonly last: readonly (FlagPlace & { readonly ruleServedAt: string | null; readonly defaultServedAt: string | null })[];
  readonly defaults: readonly (FlagPlace & { readonly app: string; readonly hash: string })[];
  readonly skips: readonly (FlagPlace & { readonly rule: string; readonly attribute: string })[];
  readonly unknown: readonly (Place & { readonly key: string; readonly app: string; readonly n: number })[];
  readonly sources: readonly (Place & { readonly lost: number })[];
}

export interface Merge {
  /** Takes about 5 ms for the largest report: let others have their turn in between. */
  add(accepted: AcceptedReport): void;
  /** In an order that is the same for the same rows, so that writers do not deadlock. */
  rows(): MergedReports;
}

/** @param nowMs epoch milliseconds of the database's clock */
export function startMerge(findFlag: FindFlag, nowMs: number): Merge {
  const series = new Map<string, SeriesCounts & { readonly hours: Map<number, number> }>();
  const last = new Map<string, Mutable<MergedReports['last'][number]>>();
  const defaults = fewOfEachFlag<MergedReports['defaults'][number]>();
  const skips = fewOfEachFlag<MergedReports['skips'][number]>();
  const unknown = new Map<string, Mutable<MergedReports['unknown'][number]>>();
  const sources = new Map<string, Mutable<MergedReports['sources'][number]>>();

  function addCount(place: Place, app: ReadReport['app'], atMs: number, counted: ReadReport['counts'][number]): void {
    const { flag: key, variant, reason, defaultServed, defaultHash, n } = counted;
    const known = findFlag(place.environmentId, key);
    const name = app.name ?? '';
    if (known === undefined) {
      const one = upsert(unknown, { ...place, key }, () => ({ ...place, key, app: name, n: 0 }));
      one.n = plus(one.n, n);
      return;
    }
    const flag = { flagId: known.id, ...place };
    const told = {
      ...flag,
      app: name,
      appVersion: app.version ?? '',
      variant: variant === null ? '' : known.variants.has(variant) ? variant : OTHER_VARIANT,
      reason: REASONS.has(reason) ? reason : OTHER_REASON,
      defaultServed,
    };
    const hour = Math.floor(atMs / HOUR_MS);
    const { hours } = upsert(series, told, () => ({ ...told, hours: new Map() }));
    hours.set(hour, plus(hours.get(hour) ?? 0, n));
    const seen = upsert(last, flag, () => ({ ...flag, ruleServedAt: null, defaultServedAt: null }));
    const which = defaultServed ? 'defaultServedAt' : 'ruleServedAt';
    const at = new Date(atMs).toISOString();
    if ((seen[which] ?? '') < at) seen[which] = at;
    const hash = { ...flag, app: name, hash: defaultHash };
    if (defaultHash !== '') defaults.add(hash);
  }

  return {
    add: ({ key, report }) => {
      const place = { environmentId: key.environmentId, keyKind: key.kind };
      const source = upsert(sources, place, () => ({ ...place, lost: 0 }));
      source.lost = plus(source.lost, report.lost);
      const atMs = nowMs - ageOf(report, nowMs);
      for (const counted of report.counts) addCount(place, report.app, atMs, counted);
      for (const { flag, rule, attribute } of report.skipped ?? []) {
        const known = findFlag(key.environmentId, flag);
        if (known === undefined) continue;
        skips.add({ flagId: known.id, ...place, rule, attribute });
      }
    },
    rows: () => ({
      series: inOrder(series),
      last: inOrder(last),
      defaults: inOrder(defaults.rows),
      skips: inOrder(skips.rows),
      unknown: inOrder(unknown),
      sources: inOrder(sources),
    }),
  };
}

/**
 * How long ago the newest evaluation of a report was. By the SDK's own clock, which may show anything: only the difference counts.
 * Without `sentAt` the clock has to be believed, though never about the future.
 */
function ageOf({ to, sentAt }: ReadReport, nowMs: number): number {
  return Math.min(Math.max((sentAt ?? nowMs) - to, 0), MAX_AGE_MS);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function upsert<T>(rows: Map<string, T>, identity: object, make: () => T): T {
  const key = JSON.stringify(Object.values(identity));
  const known = rows.get(key);
  if (known !== undefined) return known;
  const made = make();
  rows.set(key, made);
  return made;
}

/** Their names are up to who reports. */
function fewOfEachFlag<T extends FlagPlace>() {
  const rows = new Map<string, T>();
  const found = new Map<string, number>();
  return {
    rows,
    add: (row: T) => {
      const { flagId, environmentId, keyKind } = row;
      const flag = `${flagId} ${environmentId} ${keyKind}`;
      const identity = JSON.stringify(Object.values(row));
      const count = found.get(flag) ?? 0;
      if (rows.has(identity) || count >= MAX_NAMES_OF_FLAG) return;
      found.set(flag, count + 1);
      rows.set(identity, row);
    },
  };
}

function inOrder<T>(rows: ReadonlyMap<string, T>): T[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

export function plus(a: number, b: number): number {
  return Math.min(a + b, MAX_TOTAL);
}

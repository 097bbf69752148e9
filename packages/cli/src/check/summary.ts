/** The comment on a pull request, in Markdown: which flags it adds and removes, and what is due. Pure. */
import type { CheckSnapshot } from '@yardarm/contract';
import { counted } from '../counted.ts';
import type { Scan } from '../scan/scan-tree.ts';
import type { NamedFlags } from './read-base.ts';
import { countOf, pathOf, type Report } from './reports/report.ts';

export interface SummaryInput {
  readonly report: Report;
  readonly snapshot: CheckSnapshot;
  readonly now: Pick<Scan, 'references' | 'unknown'>;
  /** Null: nothing to compare with. */
  readonly before: NamedFlags | null;
  readonly today: string;
  readonly warnDays: number;
}

/** Of each list; a comment is read, and the report has the rest. */
const MAX_ROWS = 50;

export function summaryOf({ report, snapshot, now, before }: SummaryInput): string {
  const named = new Set([...now.references, ...now.unknown].map(({ flag }) => flag));
  const added = before === null ? null : [...named].filter((flag) => !before.has(flag)).sort();
  const removed = before === null ? null : [...before].filter((flag) => !named.has(flag)).sort();
  const [errors, all] = [countOf(report.findings, 'error'), report.findings.length];
  const due = report.findings.filter(({ code, place }) => (code === 'expiring' || code === 'expired') && place !== null);
  const dueFlags = new Map(due.map((finding) => [finding.flag, finding.message]));
  return [
    `### Flags of \`${snapshot.project}\``,
    '',
    `${counted(named.size, 'flag')} in code, ${counted(errors, 'error')}, ${counted(all - errors, 'warning')}.`,
    ...section(
      'Added',
      added?.map((flag) => `\`${flag}\`${noteOf(flag, snapshot)}`),
    ),
    ...section(
      'Removed',
      removed?.map(
        (flag) => `\`${flag}\`${isLive(flag, snapshot) ? ': once this is deployed and its verdict is safe, archive it' : ''}`,
      ),
    ),
    ...section('Expired or about to expire', [...dueFlags.values()].sort().map(plain)),
    ...section(
      'To mend',
      report.findings
        .filter(({ severity }) => severity === 'error')
        .map(({ place, message }) => `${place === null ? '' : `\`${pathOf(place, report)}:${place.line}\` `}${plain(message)}`),
    ),
    '',
  ].join('\n');
}

function section(title: string, rows: readonly string[] | undefined): string[] {
  if (rows === undefined || rows.length === 0) return [];
  const more = rows.length > MAX_ROWS ? [`- and ${rows.length - MAX_ROWS} more`] : [];
  return ['', `**${title}**`, '', ...rows.slice(0, MAX_ROWS).map((row) => `- ${row}`), ...more];
}

function noteOf(key: string, { flags }: CheckSnapshot): string {
  const flag = flags.find((one) => one.key === key);
  if (flag === undefined) return ': the project has no such flag';
  if (flag.archivedAt !== null) return ': archived';
  return `: ${flag.owner === null ? 'nobody owns it' : plain(`owner ${flag.owner}`)}, ${flag.expiresOn === null ? 'no expiry' : `expires on ${flag.expiresOn}`}`;
}

function isLive(key: string, { flags }: CheckSnapshot): boolean {
  return flags.some((flag) => flag.key === key && flag.archivedAt === null);
}

/** Names are people's own words, and a comment renders what looks like Markdown or HTML. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#!&]/g, '\\$&').replaceAll('@', '@\u200b');
}

/** What is wrong with the flags that code names. Pure: the day is an argument. */
import { type CheckSnapshot, isTemporary, lifecycleOf } from '@yardarm/contract';
import { groupBy } from '../group-by.ts';
import type { Reference } from '../scan/reference.ts';
import type { Scan } from '../scan/scan-tree.ts';
import { nearestKey } from './nearest-key.ts';

/** In the order of urgency. The rules of every format are made of it. */
export const FINDINGS = {
  expired: 'The flag is past its expiry',
  archived: 'The flag is archived, and callers get their code default',
  unknown: 'The project has no such flag',
  expiring: 'The flag expires soon',
  'no-owner': 'Nobody owns the flag',
  'no-expiry': 'A flag that is meant to go has no expiry',
} as const;
export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  readonly flag: string;
  /** One sentence, which names the flag and says what to do. */
  readonly message: string;
  /** Null: no line of the code names the flag. */
  readonly place: { readonly file: string; readonly line: number; readonly column: number } | null;
}

export interface CheckInput {
  readonly snapshot: CheckSnapshot;
  readonly scan: Pick<Scan, 'references' | 'unknown'>;
  /** A calendar day, `2027-01-31`. */
  readonly today: string;
  /** Of `expiring`, in days from today. */
  readonly warnDays: number;
}

type Flag = CheckSnapshot['flags'][number];

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Ordered by file and line; those without a place come last. */
export function findingsOf({ snapshot, scan, today, warnDays }: CheckInput): Finding[] {
  const findings: Finding[] = [];
  const placesOf = groupBy(scan.references, ({ flag }) => flag);
  for (const flag of snapshot.flags) {
    const places = placesOf.get(flag.key) ?? [];
    const add = (code: FindingCode, severity: Finding['severity'], message: string, at: readonly (Reference | null)[]) => {
      for (const place of at) findings.push({ code, severity, flag: flag.key, message, place: place && placeOf(place) });
    };
    if (flag.archivedAt !== null) {
      add(
        'archived',
        'error',
        `Flag '${flag.key}' is archived, so that callers get their code default: remove it from the code.`,
        places,
      );
      continue;
    }
    const expiry = expiryOf(flag, { today, warnDays, isNamed: places.length > 0 });
    if (expiry !== null) add(expiry.code, expiry.severity, expiry.message, places.length > 0 ? places : [null]);
    // Once per flag: its owner and expiry are set in one place, however often the code names it.
    if (flag.owner === null)
      add('no-owner', 'warning', `Nobody owns flag '${flag.key}': name an owner who answers for it.`, places.slice(0, 1));
    if (flag.expiresOn === null && isTemporary(flag.kind))
      add(
        'no-expiry',
        'warning',
        `Flag '${flag.key}' is a ${flag.kind} flag without an expiry: set the day by which it should be gone.`,
        places.slice(0, 1),
      );
  }
  findings.push(...unknownFindings(snapshot, scan.unknown));
  return findings.sort(compareFindings);
}

/** Gone from the code an expired flag only waits to be archived, and a snoozed one is known about: neither fails a build. */
function expiryOf(
  { key, owner, expiresOn, archivedAt, snoozedUntil }: Flag,
  { today, warnDays, isNamed }: { today: string; warnDays: number; isNamed: boolean },
): Pick<Finding, 'code' | 'severity' | 'message'> | null {
  if (expiresOn === null) return null;
  // Of this day, which may be later than the snapshot's; whatever the evidence says, an expired flag is in the code.
  const lifecycle = lifecycleOf({ archivedAt, expiresOn, standing: null }, today, { expiringDays: warnDays });
  if (lifecycle === 'active') return null;
  const whose = owner === null ? 'nobody owns it' : `owner ${owner}`;
  if (lifecycle === 'expiring') {
    const daysLeft = Math.round((Date.parse(expiresOn) - Date.parse(today)) / DAY_MS);
    const when = daysLeft === 0 ? 'today' : `in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}`;
    return { code: 'expiring', severity: 'warning', message: `Flag '${key}' expires on ${expiresOn}, ${when} (${whose}).` };
  }
  const start = `Flag '${key}' expired on ${expiresOn} (${whose})`;
  // Another repository may name it, and a build that runs may ask for it: only the server knows of both.
  if (!isNamed) {
    const message = `${start}, and this code does not name it: archive it once its verdict is safe.`;
    return { code: 'expired', severity: 'warning', message };
  }
  if (snoozedUntil !== null && snoozedUntil >= today)
    return { code: 'expired', severity: 'warning', message: `${start} and is snoozed until ${snoozedUntil}.` };
  return { code: 'expired', severity: 'error', message: `${start}: remove it from the code, or move its expiry.` };
}

function unknownFindings(snapshot: CheckSnapshot, unknown: readonly Reference[]): Finding[] {
  const keys = snapshot.flags.filter(({ archivedAt }) => archivedAt === null).map(({ key }) => key);
  return unknown.map((reference) => {
    const nearest = nearestKey(reference.flag, keys);
    const hint = nearest === null ? 'make it, or remove it from the code' : `did you mean '${nearest}'?`;
    const message = `Project '${snapshot.project}' has no flag '${reference.flag}': ${hint}`;
    return {
      code: 'unknown',
      severity: 'error',
      flag: reference.flag,
      message: message.replace(/[^?]$/, '$&.'),
      place: placeOf(reference),
    };
  });
}

function placeOf({ file, line, column }: Reference): NonNullable<Finding['place']> {
  return { file, line, column };
}

function compareFindings(a: Finding, b: Finding): number {
  if (a.place === null || b.place === null) return Number(a.place === null) - Number(b.place === null) || compare(a.flag, b.flag);
  return (
    compare(a.place.file, b.place.file) ||
    a.place.line - b.place.line ||
    a.place.column - b.place.column ||
    compare(a.code, b.code)
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

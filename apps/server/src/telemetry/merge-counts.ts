/**
 * Reports as the tables keep them: counts summed by what is told apart, ages turned into hours. Pure. What a report names and the
 * project does not have is set apart here, so that nothing is stored of it but its name.
 */
import type { SdkKey } from '../delivery/sdk-keys.ts';
import type { ReadReport } from './read-report.ts';

/** What is counted of a variant that the flag does not have, now or any more. No variant can have this name. */
export const OTHER_VARIANT = '(other)';
/** What is counted of apps for whose names there is no room. */
export const OTHER_APP = '(other)';
/** Of counts that waited longer, as through an outage, the hour is the first that is kept. */
export const MAX_AGE_MS = 23 * 3_600_000;
export const HOUR_MS = 3_600_000;
/** Whole days, UTC, of which counts by day are kept, before today. */
export const KEPT_DAYS = 28;
/** Code defaults, and skipped rules, that are kept of one flag in one environment. */
export const MAX_NAMES_OF_FLAG = 20;
/** As JavaScript reads it exactly; forged counts end there. */
export const MAX_TOTAL = Number.MAX_SAFE_INTEGER;

/** Neither the rules nor the code default answered, but what somebody put in their place. */
const OVERRIDE = 'OVERRIDE';
const REASONS: ReadonlySet<string> = new Set([
  'STATIC',
  'DEFAULT',
  'TARGETING_MATCH',
  'SPLIT',
  'DISABLED',
  'ERROR',
  'CACHED',
  'STALE',
  OVERRIDE,
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
  /** Id of the key that named it first, here; null: several are counted together. */
  readonly namedBy: string | null;
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
  const places = new Map<string, MergedPlace>();

  return {
    add: ({ key: { id: keyId, environmentId, kind }, report }) => {
      const merged = placeOf(places, { environmentId, keyKind: kind });
      merged.source.lost = plus(merged.source.lost, report.lost);
      const atMs = nowMs - ageOf(report, nowMs);
      const { name: app = '', version = '' } = report.app;
      const by = { app, version, atMs, keyId };
      for (const counted of report.counts) {
        const flag = flagOf(merged, counted.flag, findFlag);
        if (flag === null) addUnknown(merged, app, counted);
        else addCount(flag, by, counted);
      }
      for (const { flag: key, rule, attribute } of report.skipped ?? []) {
        const flag = flagOf(merged, key, findFlag);
        if (flag !== null) addName(flag.skips, JSON.stringify([rule, attribute]), { ...flag.place, rule, attribute });
      }
    },
    rows: () => {
      const merged = inOrder(places);
      const flags = merged.flatMap((place) => inOrder(place.flags).flatMap((flag) => flag ?? []));
      return {
        series: flags.flatMap(({ series }) => inOrder(series)),
        last: flags.flatMap(({ place, ruleServedMs, defaultServedMs }) => {
          const isCounted = ruleServedMs !== null || defaultServedMs !== null;
          return isCounted ? { ...place, ruleServedAt: toTime(ruleServedMs), defaultServedAt: toTime(defaultServedMs) } : [];
        }),
        defaults: flags.flatMap(({ defaults }) => inOrder(defaults)),
        skips: flags.flatMap(({ skips }) => inOrder(skips)),
        unknown: merged.flatMap(({ unknown }) => inOrder(unknown)),
        sources: merged.map(({ source }) => source),
      };
    },
  };
}

/** As they are counted where their environment has no room for more names: without app, version and reason. */
export function foldSeries(series: readonly SeriesCounts[]): SeriesCounts[] {
  const folded = new Map<string, SeriesCounts & { readonly hours: Map<number, number> }>();
  for (const { flagId, environmentId, keyKind, variant, defaultServed, hours } of series) {
    const key = `${flagId} ${environmentId} ${keyKind} ${defaultServed} ${variant}`;
    const names = { app: OTHER_APP, appVersion: '', variant, reason: OTHER_REASON };
    const one = folded.get(key) ?? { flagId, environmentId, keyKind, ...names, defaultServed, hours: new Map(), namedBy: null };
    for (const [hour, n] of hours) one.hours.set(hour, plus(one.hours.get(hour) ?? 0, n));
    folded.set(key, one);
  }
  return inOrder(folded);
}

interface MergedPlace {
  readonly place: Place;
  readonly source: { readonly environmentId: string; readonly keyKind: SdkKey['kind']; lost: number };
  /** By key; null: there is none. */
  readonly flags: Map<string, MergedFlag | null>;
  readonly unknown: Map<string, Mutable<MergedReports['unknown'][number]>>;
}

interface MergedFlag {
  readonly place: FlagPlace;
  readonly variants: ReadonlySet<string>;
  readonly series: Map<string, SeriesCounts & { readonly hours: Map<number, number> }>;
  readonly defaults: Map<string, MergedReports['defaults'][number]>;
  readonly skips: Map<string, MergedReports['skips'][number]>;
  ruleServedMs: number | null;
  defaultServedMs: number | null;
}

function placeOf(places: Map<string, MergedPlace>, place: Place): MergedPlace {
  const key = `${place.environmentId} ${place.keyKind}`;
  const known = places.get(key);
  if (known !== undefined) return known;
  const made: MergedPlace = { place, source: { ...place, lost: 0 }, flags: new Map(), unknown: new Map() };
  places.set(key, made);
  return made;
}

function flagOf({ place, flags }: MergedPlace, key: string, findFlag: FindFlag): MergedFlag | null {
  const merged = flags.get(key);
  if (merged !== undefined) return merged;
  const known = findFlag(place.environmentId, key);
  const made = known === undefined ? null : startFlag({ flagId: known.id, ...place }, known.variants);
  flags.set(key, made);
  return made;
}

function startFlag(place: FlagPlace, variants: ReadonlySet<string>): MergedFlag {
  const names = { series: new Map(), defaults: new Map(), skips: new Map() };
  return { place, variants, ...names, ruleServedMs: null, defaultServedMs: null };
}

function addUnknown({ place, unknown }: MergedPlace, app: string, { flag: key, n }: ReadReport['counts'][number]): void {
  const one = unknown.get(key) ?? { ...place, key, app, n: 0 };
  one.n = plus(one.n, n);
  unknown.set(key, one);
}

function addCount(
  flag: MergedFlag,
  by: { readonly app: string; readonly version: string; readonly atMs: number; readonly keyId: string },
  { variant: named, reason: said, defaultServed, defaultHash, n }: ReadReport['counts'][number],
): void {
  const { app, version, atMs } = by;
  const variant = named === null ? '' : flag.variants.has(named) ? named : OTHER_VARIANT;
  const reason = REASONS.has(said) ? said : OTHER_REASON;
  // Only the last two may hold anything.
  const key = `${variant}\n${reason}\n${defaultServed}\n${version.length}\n${version}${app}`;
  let series = flag.series.get(key);
  if (series === undefined) {
    series = { ...flag.place, app, appVersion: version, variant, reason, defaultServed, hours: new Map(), namedBy: by.keyId };
    flag.series.set(key, series);
  }
  const hour = Math.floor(atMs / HOUR_MS);
  series.hours.set(hour, plus(series.hours.get(hour) ?? 0, n));
  if (defaultServed) flag.defaultServedMs = Math.max(flag.defaultServedMs ?? 0, atMs);
  else if (reason !== OVERRIDE) flag.ruleServedMs = Math.max(flag.ruleServedMs ?? 0, atMs);
  if (defaultHash !== '')
    addName(flag.defaults, `${defaultHash.length}\n${defaultHash}${app}`, { ...flag.place, app, hash: defaultHash });
}

/** No more than so many of one flag: names are up to who reports. */
function addName<T>(names: Map<string, T>, key: string, row: T): void {
  if (names.size < MAX_NAMES_OF_FLAG || names.has(key)) names.set(key, row);
}

/**
 * How long ago the newest evaluation of a report was. By the SDK's own clock, which may show anything: only the difference counts.
 * Without `sentAt` the clock has to be believed, though never about the future.
 */
function ageOf({ to, sentAt }: ReadReport, nowMs: number): number {
  return Math.min(Math.max((sentAt ?? nowMs) - to, 0), MAX_AGE_MS);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function toTime(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString();
}

function inOrder<T>(rows: ReadonlyMap<string, T>): T[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

export function plus(a: number, b: number): number {
  return Math.min(a + b, MAX_TOTAL);
}

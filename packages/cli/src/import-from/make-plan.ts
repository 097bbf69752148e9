/**
 * What an import would do, decided before anything is written. Every flag and segment of the file gets one verdict. All or nothing:
 * a flag of which anything in an environment that is imported cannot be said exactly, or which would depend on something that is not what the
 * file says, is left out, so that callers get the default of their code. What is there already is never overwritten.
 */
import { type CreateFlagInput, createFlagInput, type Flag, isTemporary, type Segment, segmentKey } from '@yardarm/contract';
import { validate } from '@yardarm/evaluator/validate';
import {
  ANY_ENVIRONMENT,
  type Imported,
  type ImportedConfiguration,
  type ImportedFlag,
  type ImportedSegment,
  isRefused,
  type Obstacle,
  type Refused,
  type Remark,
} from './imported.ts';
import type { Wanted } from './rights.ts';
import { type ConfiguredFlag, type ConfiguredSegment, ruleSetOf } from './rule-set-of.ts';
import { isSameConfiguration, isSameFlag, isUntouchedFlag, isUntouchedSegment, sameJson, withoutBounds } from './same-flag.ts';

/**
 * `finish`: it is there, is what the file says, and is still untouched in an environment that is imported. `no-right`: it would be created or
 * finished, and the server would refuse some of that.
 */
export type Verdict = 'create' | 'finish' | 'identical' | 'conflict' | 'leave-out' | 'no-right';

export interface Planned<Configuration> {
  readonly key: string;
  readonly verdict: Verdict;
  /** Why it is a conflict, left out or not allowed. */
  readonly obstacles: readonly Obstacle[];
  readonly remarks: readonly Remark[];
  /** To be written, by our environment; nothing unless it is created or finished. */
  readonly configurations: ReadonlyMap<string, Configuration>;
}
export interface PlannedFlag extends Planned<ImportedConfiguration> {
  /** What it is created with. */
  readonly input: CreateFlagInput;
}
export interface PlannedSegment extends Planned<ImportedSegmentConfiguration> {
  readonly name: string;
}
type ImportedSegmentConfiguration = Exclude<ImportedSegment['environments'][string], Refused>;

export interface Plan {
  readonly flags: readonly PlannedFlag[];
  readonly segments: readonly PlannedSegment[];
  readonly left: readonly Obstacle[];
}

export interface PlanInput {
  readonly imported: Imported;
  /** Of the project, archived flags included. */
  readonly flags: readonly Flag[];
  readonly segments: readonly Segment[];
  /** Flags of the file that look as they were made and that somebody has switched or edited since, as `<environment> <key>`. */
  readonly touched: ReadonlySet<string>;
  /** Where to import: our environment, and what the source calls it. */
  readonly environments: readonly { readonly ours: string; readonly theirs: string }[];
  /** Of temporary flags that have none. */
  readonly owner: string;
  /** Of temporary flags; undefined: as the project gives it. */
  readonly expiresOn: string | undefined;
  /** Each right that is missing for what would be written, as a sentence. */
  readonly missingRights: (wanted: Wanted) => readonly string[];
}

export function makePlan(input: PlanInput): Plan {
  const { imported, environments } = input;
  const segments = imported.segments.map((segment) => planSegment(segment, input));
  const flags = imported.flags.map((flag) => planFlag(flag, input));
  refuseTwins([...flags]);
  refuseTwins([...segments]);
  // Leaving one flag out may take another's prerequisite away, so that this goes on until it settles.
  for (const draft of [...segments, ...flags]) refuseForbidden(draft, input);
  while (environments.some(({ ours }) => refuseUnsound(ours, flags, segments, input))) {}
  const tooMuch = environments.flatMap(({ ours }) => excessOf(ours, flags, segments, input));
  return { flags, segments, left: [...imported.left, ...tooMuch] };
}

type Draft<Kind extends PlannedFlag | PlannedSegment> = { -readonly [Member in keyof Kind]: Kind[Member] };

function planFlag(flag: ImportedFlag, { flags, touched, environments, owner, expiresOn }: PlanInput): Draft<PlannedFlag> {
  const { key, type, variants, clientSide, tags } = flag;
  const kind = flag.kind ?? 'operational';
  const input: CreateFlagInput = {
    ...{ key, kind, type, variants: { ...variants }, clientSide, tags: [...tags] },
    description: [flag.name === key ? null : flag.name, flag.description].filter(Boolean).join('\n\n'),
    owner: flag.owner ?? (isTemporary(kind) ? owner : null),
    ...(isTemporary(kind) && expiresOn !== undefined && { expiresOn }),
  };
  const issues = createFlagInput.safeParse(input).error?.issues ?? [];
  const found = configurationsOf(flag.environments, environments);
  const obstacles = [...issues.map(({ message }) => obstacle('flag', key, message)), ...found.obstacles];
  const remarks = remarksOf(flag.remarks, environments);
  const draft = { key, input, remarks, configurations: new Map(), obstacles };
  if (obstacles.length > 0) return { ...draft, verdict: 'leave-out' };
  const known = flags.find((one) => one.key === key);
  if (known === undefined) return { ...draft, verdict: 'create', configurations: found.configurations };
  const differs = differenceOf(known, flag, found.configurations, touched);
  if (differs !== null) return { ...draft, verdict: 'conflict', obstacles: [obstacle('flag', key, differs)] };
  const open = [...found.configurations].filter(([ours, wanted]) => !isSameConfiguration(known, ours, wanted));
  return { ...draft, verdict: open.length > 0 ? 'finish' : 'identical', configurations: new Map(open) };
}

/** Why a flag that is there is not the one of the file; null: it is, or only has to be finished. */
function differenceOf(
  known: Flag,
  flag: ImportedFlag,
  wanted: ReadonlyMap<string, ImportedConfiguration>,
  touched: ReadonlySet<string>,
): string | null {
  if (known.archivedAt !== null)
    return 'A flag with this key is archived and keeps it: unarchive it, or rename the one in the file.';
  if (!isSameFlag(known, flag))
    return 'There is a flag with this key and another type, other variants or another client side; it stays as it is.';
  for (const [ours, configuration] of wanted)
    if (
      !isSameConfiguration(known, ours, configuration) &&
      (touched.has(`${ours} ${known.key}`) || !isUntouchedFlag(known, ours))
    )
      // An import that was interrupted cannot be told from a kill.
      return isSameConfiguration(known, ours, { ...configuration, on: !configuration.on })
        ? `The flag is there as the file has it, but switched ${configuration.on ? 'off' : 'on'} in ${ours}, by somebody or by an import that was interrupted; switch it by hand.`
        : `There is a flag with this key that serves something else in ${ours}; it stays as it is.`;
  return null;
}

function planSegment(segment: ImportedSegment, { segments, environments }: PlanInput): Draft<PlannedSegment> {
  const { key, name } = segment;
  const issues = segmentKey.safeParse(key).error?.issues ?? [];
  const found = configurationsOf(segment.environments, environments);
  const obstacles = [...issues.map(({ message }) => obstacle('segment', key, message)), ...found.obstacles];
  const remarks = remarksOf(segment.remarks, environments);
  const draft = { key, name, remarks, configurations: new Map(), obstacles };
  if (obstacles.length > 0) return { ...draft, verdict: 'leave-out' };
  const known = segments.find((one) => one.key === key);
  if (known === undefined) return { ...draft, verdict: 'create', configurations: found.configurations };
  const open = [...found.configurations].filter(([ours, wanted]) => {
    const { include, exclude, when = null } = known.environments.find(({ environment }) => environment === ours) ?? {};
    return !sameJson({ include, exclude, when: withoutBounds(when) }, wanted);
  });
  const touched = open.find(([ours]) => !isUntouchedSegment(known, ours));
  if (touched !== undefined) {
    const sentence = `There is a segment with this key and other members in ${touched[0]}; it stays as it is.`;
    return { ...draft, verdict: 'conflict', obstacles: [obstacle('segment', key, sentence)] };
  }
  return { ...draft, verdict: open.length > 0 ? 'finish' : 'identical', configurations: new Map(open) };
}

/** Those that are about an environment that is imported, each sentence once. */
function remarksOf(remarks: readonly Remark[], environments: PlanInput['environments']): readonly Remark[] {
  return remarks
    .filter(
      ({ environment }) =>
        environment === undefined || environment === ANY_ENVIRONMENT || environments.some(({ theirs }) => theirs === environment),
    )
    .filter(
      (remark, index, all) =>
        all.findIndex(({ code, sentence }) => code === remark.code && sentence === remark.sentence) === index,
    );
}

/** Of the environments that are imported and that the source has something about. */
function configurationsOf<Configuration extends object>(
  all: { readonly [environment: string]: Configuration | Refused },
  environments: PlanInput['environments'],
): { readonly configurations: Map<string, Configuration>; readonly obstacles: readonly Obstacle[] } {
  const configurations = new Map<string, Configuration>();
  const obstacles = new Set<Obstacle>();
  for (const { ours, theirs } of environments) {
    const name = Object.hasOwn(all, theirs) ? theirs : ANY_ENVIRONMENT;
    const configuration = Object.hasOwn(all, name) ? all[name] : undefined;
    if (configuration === undefined) continue;
    if (isRefused(configuration)) for (const found of configuration.obstacles) obstacles.add(found);
    else configurations.set(ours, configuration);
  }
  return { configurations, obstacles: [...obstacles] };
}

const BLOCKED: ReadonlySet<Verdict> = new Set(['conflict', 'leave-out', 'no-right']);

function refuseForbidden(draft: Draft<PlannedFlag | PlannedSegment>, { missingRights }: PlanInput): void {
  const { key, verdict, configurations } = draft;
  if (verdict !== 'create' && verdict !== 'finish') return;
  const kind = 'input' in draft ? 'flag' : 'segment';
  const isOn = new Map([...configurations].map(([environment, one]) => [environment, 'on' in one && one.on]));
  const missing = missingRights({ kind, isNew: verdict === 'create', isOn });
  if (missing.length === 0) return;
  const obstacles = missing.map((sentence) => obstacle(kind, key, sentence));
  Object.assign(draft, { verdict: 'no-right', configurations: new Map(), obstacles });
}

/** Two with one key: neither is more right. */
function refuseTwins(drafts: Draft<PlannedFlag | PlannedSegment>[]): void {
  for (const draft of drafts)
    if (drafts.filter(({ key }) => key === draft.key).length > 1)
      leaveOut(draft, 'The file has it more than once under this key; keep one of them.');
}

/** Leaves out what would not be sound in an environment, or not mean what the file means. True if it left something out. */
function refuseUnsound(
  ours: string,
  flags: readonly Draft<PlannedFlag>[],
  segments: readonly Draft<PlannedSegment>[],
  input: PlanInput,
): boolean {
  let changed = false;
  const refuse = (draft: Draft<PlannedFlag | PlannedSegment> | undefined, sentence: string) => {
    if (draft === undefined || draft.verdict === 'leave-out' || draft.verdict === 'no-right') return;
    leaveOut(draft, sentence);
    changed = true;
  };
  const isWritten = ({ configurations }: { readonly configurations: ReadonlyMap<string, unknown> }) => configurations.has(ours);
  const findings = findingsIn(ours, flags, segments, input);
  for (const { path, message } of findings) {
    const [, table, key = ''] = path.split('/');
    const drafts = table === 'flags' ? flags : segments;
    refuse(
      drafts.find((one) => one.key === key && isWritten(one)),
      message,
    );
  }
  // What the source left out is not there either, though the project may have something else under its key.
  const notOurs = (kind: Obstacle['kind'], drafts: readonly Draft<PlannedFlag | PlannedSegment>[]) =>
    new Set([
      ...drafts.filter(({ verdict }) => BLOCKED.has(verdict)).map(({ key }) => key),
      ...input.imported.left.flatMap((left) => (left.kind === kind && left.key !== null ? [left.key] : [])),
    ]);
  const [foreignFlags, foreignSegments] = [notOurs('flag', flags), notOurs('segment', segments)];
  const isClientSide = (key: string) =>
    flags.find((flag) => flag.key === key && isWritten(flag))?.input.clientSide ??
    input.flags.find((flag) => flag.key === key)?.clientSide;
  for (const draft of flags.filter(isWritten)) {
    const configuration = draft.configurations.get(ours);
    const flag = configuration?.prerequisites.find((one) => foreignFlags.has(one.flag))?.flag;
    if (flag !== undefined) refuse(draft, `It depends on flag '${flag}', which does not come over as the file has it.`);
    const hidden = configuration?.prerequisites.find((one) => draft.input.clientSide && !isClientSide(one.flag))?.flag;
    if (hidden !== undefined)
      refuse(draft, `It is sent to browsers and asks for flag '${hidden}', which is not: have the source send that one too.`);
    const segment = [...segmentsOf(configuration)].find((key) => foreignSegments.has(key));
    if (segment !== undefined) refuse(draft, `It uses segment '${segment}', which does not come over as the file has it.`);
  }
  return changed;
}

function findingsIn(ours: string, flags: readonly PlannedFlag[], segments: readonly PlannedSegment[], input: PlanInput) {
  return validate(ruleSetOf(flagsIn(ours, flags, input.flags), segmentsIn(ours, segments, input.segments)));
}

/** What an environment would have too much of in all, which none of its flags is more to blame for. The server refuses those that come last. */
function excessOf(
  ours: string,
  flags: readonly PlannedFlag[],
  segments: readonly PlannedSegment[],
  input: PlanInput,
): Obstacle[] {
  return findingsIn(ours, flags, segments, input)
    .filter(({ code, path }) => code === 'limit' && (path === '' || path === '/flags'))
    .map(({ message }) => ({ kind: 'file', key: null, place: '', sentence: `In ${ours}: ${message}` }));
}

function flagsIn(ours: string, drafts: readonly PlannedFlag[], known: readonly Flag[]): ConfiguredFlag[] {
  const there = known.flatMap(({ key, type, variants, archivedAt, environments }): ConfiguredFlag[] => {
    const configuration = environments.find(({ environment }) => environment === ours);
    return archivedAt !== null || configuration === undefined ? [] : [{ key, type, variants, configuration }];
  });
  const ownFlags = drafts.flatMap(({ key, input: { type = 'boolean', variants = {} }, configurations, verdict }) => {
    const configuration = configurations.get(ours) ?? (verdict === 'create' ? OFF : undefined);
    return configuration === undefined ? [] : [{ key, type, variants, configuration } as ConfiguredFlag];
  });
  return [...there, ...ownFlags];
}

/** A flag that is created and has nothing in an environment is off there. */
const OFF: ImportedConfiguration = { on: false, offVariant: null, prerequisites: [], targets: [], rules: [], fallthrough: null };

function segmentsIn(ours: string, drafts: readonly PlannedSegment[], known: readonly Segment[]): ConfiguredSegment[] {
  const there = known.flatMap(({ key, environments }): ConfiguredSegment[] => {
    const configuration = environments.find(({ environment }) => environment === ours);
    return configuration === undefined ? [] : [{ key, configuration }];
  });
  const own = drafts.flatMap(({ key, configurations }): ConfiguredSegment[] => {
    const configuration = configurations.get(ours);
    return configuration === undefined ? [] : [{ key, configuration }];
  });
  return [...there, ...own];
}

/** Keys of the segments that a configuration names, wherever they stand. */
export function segmentsOf(configuration: ImportedConfiguration | undefined): Set<string> {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    if ('segment' in part && typeof part.segment === 'string') found.add(part.segment);
    for (const member of Object.values(part)) visit(member);
  };
  for (const { when } of configuration?.rules ?? []) visit(when);
  return found;
}

function leaveOut(draft: Draft<PlannedFlag | PlannedSegment>, sentence: string): void {
  const kind = 'input' in draft ? 'flag' : 'segment';
  Object.assign(draft, {
    verdict: 'leave-out',
    configurations: new Map(),
    obstacles: [...draft.obstacles, obstacle(kind, draft.key, sentence)],
  });
}

function obstacle(kind: 'flag' | 'segment', key: string, sentence: string): Obstacle {
  return { kind, key, place: '', sentence };
}

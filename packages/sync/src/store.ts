/**
 * What an SDK holds: the bodies as received (for the digest), the bodies in use (the last good ones), kills
 * that arrived before their bodies, and the compiled rules. Immutable: a change makes a new store, the owner
 * swaps one reference, and a reader never sees half a change. See docs/protocol.md.
 */
import {
  type BodyChange,
  bodyIssues,
  type CompiledRuleSet,
  compile,
  type FlagBody,
  type Issue,
  type RuleSet,
  type SegmentBody,
  withChanges,
} from '@yardarm/evaluator';
import { flagsReached, idOf, type Links, linksIn } from './dependants.ts';
import { addBody, type Digest, digestText, emptyDigest, removeBody } from './digest.ts';
import type { DeltaMessage, Kill, RejectedBody, SyncState } from './messages.ts';
import { MAX_FLAGS } from './parse.ts';
import { compareEpochs, compareStates, hasPosition, NO_POSITION } from './position.ts';
import { Table } from './table.ts';

type AnyBody =
  | { readonly kind: 'flag'; readonly key: string; readonly body: FlagBody }
  | { readonly kind: 'segment'; readonly key: string; readonly body: SegmentBody };

/**
 * One flag or segment. `body` is the one in use; epoch and revision are the last position at which it was known to be the newest: no
 * kill of before it concerns it. `tag` is of the body that arrived last.
 */
type Entry = AnyBody & {
  readonly epoch: string;
  readonly revision: number;
  readonly tag: string;
  /** read: what arrived is in use. kept: it could not be read, the last good one is. unread: there is no good one. */
  readonly reading: 'read' | 'kept' | 'unread';
  /** What the body in use refers to, found on first use. */
  links: Links | undefined;
};

/** A flag that is off whatever its body in use says, until a readable body of that revision or newer arrives. */
interface Overlay {
  readonly epoch: string;
  readonly revision: number;
  readonly offVariant: string | null;
}

export interface Store {
  readonly state: SyncState;
  readonly rules: CompiledRuleSet;
  /** By `flag:<key>` and `segment:<key>`. */
  readonly entries: Table<Entry>;
  /** By flag key. */
  readonly overlays: ReadonlyMap<string, Overlay>;
  readonly digest: Digest;
  readonly hashing: RuleSet['hashing'];
  /** What is known to be unreadable. */
  readonly rejected: readonly RejectedBody[];
  /** Ids of bodies that are in use although nobody has looked yet whether they can be read; see `checkBodies`. */
  readonly unchecked: readonly string[];
}

/** Looking at so many bodies takes a host one or two milliseconds, with cold code perhaps ten. */
const CHECKED_AT_ONCE = 200;

export interface StoreChange {
  readonly store: Store;
  /** Keys of all flags whose answers can differ from before, sorted. */
  readonly flagsChanged: readonly string[];
}

/**
 * A store with exactly the bodies of the rule set; `previous` lends last good bodies and kills not yet overtaken, unless it has no
 * position, since they may be another environment's. Bodies
 * compile when they are first evaluated. Whether one can be read is looked at now only where that changes an answer: where
 * there is a last good one to keep, or a kill that it would end. The others are `unchecked`, unless they are few.
 */
export function loadRuleSet(ruleSet: RuleSet, previous: Store | null): StoreChange {
  const entries = new Table<Entry>();
  let digest = emptyDigest;
  const take = (any: AnyBody) => {
    digest = addBody(digest, any.kind, any.key, any.body.tag);
    entries.set(idOf(any), entryOf(any, ruleSet.epoch));
  };
  for (const key of Object.keys(ruleSet.flags)) take({ kind: 'flag', key, body: ruleSet.flags[key] as FlagBody });
  for (const key of Object.keys(ruleSet.segments)) take({ kind: 'segment', key, body: ruleSet.segments[key] as SegmentBody });
  const { epoch, revision, hashing } = ruleSet;
  const state: SyncState = { epoch, revision, digest: digestText(digest) };
  const compiled = compile(ruleSet, { lazy: true });
  const lender = previous !== null && hasPosition(previous.state) ? previous : null;
  const kills = new Map([...(previous?.overlays ?? [])].filter(([, kill]) => hasPosition(kill)));
  const [now, later] = partition(entries, hashing, lender);
  const { overlays, rejected } = settle(entries, now, compiled, lender, kills, [], state);
  const differing = now.filter((id) => entries.get(id)?.reading === 'kept');
  const changes = changesOf(new Set([...differing, ...flagIds(overlays)]), entries, overlays);
  const rules = changes.length === 0 ? compiled : withChanges(compiled, { revision, changes });
  const loaded: Store = { state, rules, entries, overlays, digest, hashing, rejected, unchecked: later };
  const store = later.length > CHECKED_AT_ONCE ? loaded : checkBodies(loaded);
  if (previous === null) return { store, flagsChanged: [] };
  return { store, flagsChanged: flagsChanged(previous, store, new Set([...idsIn(previous.entries), ...idsIn(entries)])) };
}

/**
 * Looks at the next few bodies of `unchecked`; those that cannot be read join `rejected`. Changes no answer: without a last
 * good body, an unreadable one that is killed is off, and any other gives the code default, whether that was looked at or not.
 */
export function checkBodies(store: Store): Store {
  const unchecked = store.unchecked.slice(CHECKED_AT_ONCE);
  const found = store.unchecked.slice(0, CHECKED_AT_ONCE).filter((id) => {
    const entry = store.entries.get(id);
    if (entry === undefined) return false;
    // Not needed here, but by the next change: better now, a few at a time.
    linksIn(entry);
    return entry.reading === 'read' && issuesOf(store.rules, entry).length > 0;
  });
  if (found.length === 0) return { ...store, unchecked };
  const entries = new Table(store.entries);
  const { overlays, rejected } = settle(entries, found, store.rules, null, store.overlays, store.rejected, store.state);
  const changes = changesOf(new Set(flagIds(overlays)), entries, overlays);
  const rules = withChanges(store.rules, { revision: store.state.revision, changes });
  return { ...store, rules, entries, overlays, rejected, unchecked };
}

/** Ids of the bodies that must be looked at now, and of the others. */
function partition(entries: Table<Entry>, hashing: RuleSet['hashing'], previous: Store | null): [string[], string[]] {
  const now: string[] = [];
  const later: string[] = [];
  const isSalted = hashing?.salt === previous?.hashing?.salt;
  for (const { kind, key, tag } of entries.values()) {
    const id = idOf({ kind, key });
    const old = previous?.entries.get(id);
    const isKnown = isSalted && old?.reading === 'read' && old.tag === tag;
    const isKilled = kind === 'flag' && previous?.overlays.has(key);
    (isKilled || (old && !isKnown) ? now : later).push(id);
  }
  return [now, later];
}

/** A delta either leads on, says nothing new, or does not fit; then only its kills have been taken into `store`. */
export type DeltaOutcome = StoreChange & { readonly outcome: 'applied' | 'ignored' | 'gap' };

/** Applies a delta if `from <= held < to` and the outcome has the digest it names. */
export function applyDelta(store: Store, delta: DeltaMessage): DeltaOutcome {
  const order = compareStates({ epoch: delta.epoch, revision: delta.to }, store.state);
  // Its kills count all the same: after a resync for other content of the same revision they come as such a delta.
  if (order <= 0) return { outcome: 'ignored', ...applyKills(store, delta.epoch, delta.kill) };
  const gap = (): DeltaOutcome => ({ outcome: 'gap', ...applyKills(store, delta.epoch, delta.kill) });
  if (delta.epoch !== store.state.epoch || delta.from > store.state.revision) return gap();

  const entries = new Table(store.entries);
  const touched = new Set<string>();
  let digest = store.digest;
  const touch = (id: string, entry?: Entry) => {
    const old = entries.get(id);
    if (old !== undefined) digest = removeBody(digest, old.kind, old.key, old.tag);
    if (entry !== undefined) digest = addBody(digest, entry.kind, entry.key, entry.tag);
    // The removal of what is not held takes no slot.
    if (old ?? entry) entries.set(id, entry);
    touched.add(id);
  };
  for (const removed of delta.remove) touch(idOf(removed));
  for (const any of delta.put) touch(idOf(any), entryOf(any, delta.epoch));
  // Too many flags are refused like a damaged delta; the rule set that is fetched next is refused by its own count.
  if (digestText(digest) !== delta.digest || hasTooMany(entries)) return gap();

  const state: SyncState = { epoch: delta.epoch, revision: delta.to, digest: delta.digest };
  const isTouched = (rejected: RejectedBody) => touched.has(idOf(rejected));
  const still = store.rejected.some(isTouched) ? store.rejected.filter((rejected) => !isTouched(rejected)) : store.rejected;
  const kills = withKills(store, delta.epoch, delta.kill);
  const { overlays, rejected } = settle(entries, delta.put.map(idOf), store.rules, store, kills, still, state);
  const ids = new Set([...touched, ...flagIds(store.overlays), ...flagIds(overlays)]);
  const rules = withChanges(store.rules, { revision: delta.to, changes: changesOf(ids, entries, overlays) });
  const next: Store = { ...store, state, rules, entries, digest, overlays, rejected };
  return { outcome: 'applied', store: next, flagsChanged: flagsChanged(store, next, ids) };
}

/** Takes kills whose bodies cannot be had now. Those older than the body in use, or of an older epoch, change nothing. */
export function applyKills(store: Store, epoch: string, kills: readonly Kill[]): StoreChange {
  const overlays = withKills(store, epoch, kills);
  const fresh = new Map([...overlays].filter(([key, kill]) => kill !== store.overlays.get(key)));
  if (fresh.size === 0) return { store, flagsChanged: [] };
  const ids = new Set(flagIds(fresh));
  const changes = changesOf(ids, store.entries, overlays);
  const rules = withChanges(store.rules, { revision: store.state.revision, changes });
  const next: Store = { ...store, rules, overlays };
  return { store: next, flagsChanged: flagsChanged(store, next, ids) };
}

/**
 * The same content under a newer position. Never moves backwards. What is held is the newest at that position, whenever it
 * was sent: kills in between were undone, those that are known and those that are still on their way.
 */
export function advanceTo(store: Store, state: SyncState): StoreChange {
  if (compareStates(state, store.state) <= 0 || state.digest !== store.state.digest) return { store, flagsChanged: [] };
  const { epoch, revision } = state;
  const entries = new Table<Entry>();
  for (const entry of store.entries.values()) {
    // Off under the revision of a kill, and then on again under an older one, would be a version that moves backwards.
    const body = store.overlays.has(entry.key) ? { ...entry.body, revision } : entry.body;
    // What was kept instead of the newest does not become it.
    entries.set(idOf(entry), entry.reading === 'kept' ? entry : ({ ...entry, body, epoch, revision } as Entry));
  }
  const { overlays } = settle(entries, [], store.rules, null, store.overlays, store.rejected, state);
  const ids = new Set(flagIds(store.overlays));
  const changes = changesOf(ids, entries, overlays);
  const rules = changes.length === 0 ? store.rules : withChanges(store.rules, { revision, changes });
  const next: Store = { ...store, state, rules, entries, overlays };
  return { store: next, flagsChanged: flagsChanged(store, next, ids) };
}

/**
 * Looks at the bodies with these ids: keeps the last good one, in `entries`, of each that cannot be read in `rules`, and
 * adds it to those `rejected` before. Drops the kills that bodies have overtaken.
 */
function settle(
  entries: Table<Entry>,
  ids: readonly string[],
  rules: CompiledRuleSet,
  previous: Store | null,
  kills: ReadonlyMap<string, Overlay>,
  before: readonly RejectedBody[],
  state: SyncState,
): Pick<Store, 'overlays' | 'rejected'> {
  const overlays = new Map(kills);
  const rejected: RejectedBody[] = [];
  for (const id of ids) {
    const entry = entries.get(id);
    // Several issues of one body: the first is reported.
    const issue = entry && issuesOf(rules, entry)[0];
    if (entry === undefined || issue === undefined) continue;
    const { epoch, revision, kind, key } = entry;
    if (kind === 'flag' && entry.body.on === false) {
      const { offVariant } = entry.body;
      const variant = typeof offVariant === 'string' ? offVariant : null;
      setNewest(overlays, key, { epoch, revision, offVariant: variant });
    }
    const unread = withLastGood(entry, previous, id);
    entries.set(id, unread);
    const keptRevision = unread.reading === 'kept' ? unread.body.revision : null;
    rejected.push({ kind, key, code: issue.code, path: issue.path, keptRevision });
  }
  for (const [key, overlay] of overlays) {
    if (isOvertaken(overlay, entries.get(`flag:${key}`), rules, state)) overlays.delete(key);
  }
  return { overlays, rejected: rejected.length === 0 ? before : [...before, ...rejected] };
}

function withLastGood(entry: Entry, previous: Store | null, id: string): Entry {
  const old = previous?.entries.get(id);
  if (previous === null || old === undefined || !isGood(previous.rules, old)) return { ...entry, reading: 'unread' };
  return { ...old, tag: entry.tag, reading: 'kept' };
}

/** Whether the body in use can be read. */
function isGood(rules: CompiledRuleSet, entry: Entry): boolean {
  return entry.reading === 'kept' || (entry.reading === 'read' && issuesOf(rules, entry).length === 0);
}

function issuesOf(rules: CompiledRuleSet, { kind, key, body }: Entry): readonly Issue[] {
  return bodyIssues(rules, kind, key, body);
}

/** A kill ends with a readable body of its revision or newer, with a readable one of a newer epoch, or with the flag. */
function isOvertaken(kill: Overlay, entry: Entry | undefined, rules: CompiledRuleSet, state: SyncState): boolean {
  return compareStates(kill, entry ?? state) <= 0 && (entry === undefined || isGood(rules, entry));
}

/** Of two kills the newer: what ends the older must not end both. */
function setNewest(overlays: Map<string, Overlay>, key: string, kill: Overlay): void {
  if (compareStates(kill, overlays.get(key) ?? NO_POSITION) > 0) overlays.set(key, kill);
}

function withKills(store: Store, epoch: string, kills: readonly Kill[]): ReadonlyMap<string, Overlay> {
  if (compareEpochs(epoch, store.state.epoch) < 0) return store.overlays;
  const overlays = new Map(store.overlays);
  for (const { key, revision, offVariant } of kills) {
    const overlay = { epoch, revision, offVariant };
    if (isOvertaken(overlay, store.entries.get(`flag:${key}`), store.rules, store.state)) continue;
    setNewest(overlays, key, overlay);
  }
  return overlays;
}

/** The bodies that evaluation is to use for these ids. */
function changesOf(
  ids: ReadonlySet<string>,
  entries: Table<Entry>,
  overlays: ReadonlyMap<string, Overlay>,
): readonly BodyChange[] {
  return [...ids].map((id): BodyChange => {
    const entry = entries.get(id);
    const kind = id.startsWith('flag:') ? 'flag' : 'segment';
    if (entry === undefined) return { kind, key: id.slice(id.indexOf(':') + 1), revision: 0, body: null };
    const overlay = entry.kind === 'flag' ? overlays.get(entry.key) : undefined;
    const body = overlay === undefined ? entry.body : { ...entry.body, on: false, offVariant: overlay.offVariant };
    return { kind: entry.kind, key: entry.key, revision: body.revision, body } as BodyChange;
  });
}

/** Of what these ids name, and of whatever depends on it. Not of every entry: for each change, a host would feel ten thousand of them. */
function flagsChanged(before: Store, after: Store, ids: Iterable<string>): readonly string[] {
  const changed = [...ids].filter((id) => inUse(before, before.entries.get(id)) !== inUse(after, after.entries.get(id)));
  return flagsReached(changed, after.entries.values());
}

/** Equal texts: the same answers, as far as this body alone decides them. */
function inUse(store: Store, entry: Entry | undefined): string {
  if (entry === undefined) return '';
  const overlay = entry.kind === 'flag' ? store.overlays.get(entry.key) : undefined;
  return `${entry.body.tag}:${JSON.stringify(overlay?.offVariant)}`;
}

/** Not spread from `any`: ten thousand of these are made before the first answer. */
function entryOf({ kind, key, body }: AnyBody, epoch: string): Entry {
  return { kind, key, body, epoch, tag: body.tag, revision: body.revision, reading: 'read', links: undefined } as Entry;
}

/** Stops short where there are too few entries to matter: deltas are small and frequent. */
function hasTooMany(entries: Table<Entry>): boolean {
  return entries.list.length > MAX_FLAGS && entries.values().filter(({ kind }) => kind === 'flag').length > MAX_FLAGS;
}

function idsIn(entries: Table<Entry>): readonly string[] {
  return entries.values().map(idOf);
}

function flagIds(overlays: ReadonlyMap<string, Overlay>): readonly string[] {
  return [...overlays.keys()].map((key) => `flag:${key}`);
}

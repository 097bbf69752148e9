/**
 * What an SDK holds: the bodies as received (for the digest), the bodies in use (the last good ones), kills
 * that arrived before their bodies, and the compiled rules. Immutable: a change makes a new store, the owner
 * swaps one reference, and a reader never sees half a change. See docs/protocol.md.
 */
import {
  type BodyChange,
  type CompiledRuleSet,
  compile,
  type EntityKind,
  type FlagBody,
  type Issue,
  type RuleSet,
  type SegmentBody,
  withChanges,
} from '@yardarm/evaluator';
import { flagsReached, type Links, linksOf } from './dependants.ts';
import { addBody, type Digest, digestText, emptyDigest, removeBody } from './digest.ts';
import { type DeltaMessage, FORMAT, type Kill, type RejectedBody, type SyncState } from './messages.ts';
import { MAX_FLAGS } from './parse.ts';
import { compareEpochs, compareStates } from './position.ts';

type AnyBody =
  | { readonly kind: 'flag'; readonly key: string; readonly body: FlagBody }
  | { readonly kind: 'segment'; readonly key: string; readonly body: SegmentBody };

/** One flag or segment. `body` is the one in use; `received` names the one that arrived last. */
type Entry = AnyBody & {
  readonly received: { readonly revision: number; readonly tag: string };
  /** read: what arrived is in use. kept: it could not be read, the last good one is. unread: there is no good one. */
  readonly reading: 'read' | 'kept' | 'unread';
  readonly links: Links;
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
  readonly entries: ReadonlyMap<string, Entry>;
  /** By flag key. */
  readonly overlays: ReadonlyMap<string, Overlay>;
  readonly digest: Digest;
  readonly hashing: RuleSet['hashing'];
  readonly rejected: readonly RejectedBody[];
}

export interface StoreChange {
  readonly store: Store;
  /** Keys of all flags whose answers can differ from before, sorted. */
  readonly flagsChanged: readonly string[];
}

/** A store with exactly the bodies of the rule set; `previous` lends last good bodies and kills not yet overtaken. */
export function loadRuleSet(ruleSet: RuleSet, previous: Store | null): StoreChange {
  const entries = new Map<string, Entry>();
  let digest = emptyDigest;
  for (const any of bodiesOf(ruleSet)) {
    digest = addBody(digest, any.kind, any.key, any.body.tag);
    entries.set(idOf(any), entryOf(any));
  }
  const { epoch, revision, hashing } = ruleSet;
  const state: SyncState = { epoch, revision, digest: digestText(digest) };
  const compiled = compile(ruleSet);
  const base = { entries: previous?.entries ?? new Map(), overlays: previous?.overlays ?? new Map(), rejected: [] };
  const { overlays, rejected } = settle(entries, compiled.issues, base, state);
  const differing = [...entries.values()].filter((entry) => entry.reading === 'kept').map(idOf);
  const changes = changesOf(new Set([...differing, ...flagIds(overlays)]), entries, overlays);
  const rules = changes.length === 0 ? compiled : withChanges(compiled, { revision, changes });
  const store = { state, rules, entries, overlays, digest, hashing, rejected };
  return { store, flagsChanged: previous === null ? [] : flagsChanged(previous, store) };
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

  const entries = new Map(store.entries);
  const touched = new Set<string>();
  let digest = store.digest;
  const drop = (named: { readonly kind: EntityKind; readonly key: string }) => {
    const old = entries.get(idOf(named));
    if (old !== undefined) digest = removeBody(digest, old.kind, old.key, old.received.tag);
    entries.delete(idOf(named));
    touched.add(idOf(named));
  };
  for (const removed of delta.remove) drop(removed);
  for (const any of delta.put) {
    drop(any);
    digest = addBody(digest, any.kind, any.key, any.body.tag);
    entries.set(idOf(any), entryOf(any));
  }
  // Too many flags are refused like a damaged delta; the rule set that is fetched next is refused by its own count.
  if (digestText(digest) !== delta.digest || countFlags(entries) > MAX_FLAGS) return gap();

  const state: SyncState = { epoch: delta.epoch, revision: delta.to, digest: delta.digest };
  const isTouched = (rejected: RejectedBody) => touched.has(idOf(rejected));
  const base = {
    entries: store.entries,
    overlays: withKills(store, delta.epoch, delta.kill),
    rejected: store.rejected.some(isTouched) ? store.rejected.filter((rejected) => !isTouched(rejected)) : store.rejected,
  };
  const { overlays, rejected } = settle(entries, issuesOf(delta, store), base, state);
  const ids = new Set([...touched, ...flagIds(store.overlays), ...flagIds(overlays)]);
  const rules = withChanges(store.rules, { revision: delta.to, changes: changesOf(ids, entries, overlays) });
  const next: Store = { ...store, state, rules, entries, digest, overlays, rejected };
  return { outcome: 'applied', store: next, flagsChanged: flagsChanged(store, next) };
}

/** Takes kills whose bodies cannot be had now. Those older than the body in use, or of an older epoch, change nothing. */
export function applyKills(store: Store, epoch: string, kills: readonly Kill[]): StoreChange {
  const overlays = withKills(store, epoch, kills);
  const ids = new Set(flagIds(overlays).filter((id) => overlays.get(keyOf(id)) !== store.overlays.get(keyOf(id))));
  if (ids.size === 0) return { store, flagsChanged: [] };
  const changes = changesOf(ids, store.entries, overlays);
  const rules = withChanges(store.rules, { revision: store.state.revision, changes });
  const next: Store = { ...store, rules, overlays };
  return { store: next, flagsChanged: flagsChanged(store, next) };
}

/** The same bodies under a newer position: revisions that this view cannot see. Never moves backwards. */
export function advanceTo(store: Store, state: SyncState): Store {
  if (compareStates(state, store.state) <= 0 || state.digest !== store.state.digest) return store;
  return { ...store, state };
}

/** Keeps the last good body of what could not be read, in `entries`, and drops the kills that bodies have overtaken. */
function settle(
  entries: Map<string, Entry>,
  issues: readonly Issue[],
  base: Pick<Store, 'entries' | 'overlays' | 'rejected'>,
  state: SyncState,
): Pick<Store, 'overlays' | 'rejected'> {
  const overlays = new Map(base.overlays);
  const rejected: RejectedBody[] = [];
  for (const { kind, key, code, path, unreadable } of issues) {
    if (!unreadable || kind === 'rule set') continue;
    const id = idOf({ kind, key });
    const entry = entries.get(id);
    // Several issues of one body: the first is reported.
    if (entry === undefined || entry.reading !== 'read') continue;
    if (entry.kind === 'flag' && entry.body.on === false) {
      const { offVariant } = entry.body;
      const variant = typeof offVariant === 'string' ? offVariant : null;
      overlays.set(key, { epoch: state.epoch, revision: entry.received.revision, offVariant: variant });
    }
    const unread = withLastGood(entry, base.entries.get(id));
    entries.set(id, unread);
    const keptRevision = unread.reading === 'kept' ? unread.body.revision : null;
    rejected.push({ kind, key, code, path, keptRevision });
  }
  for (const [key, overlay] of overlays) {
    if (isOvertaken(overlay, entries.get(`flag:${key}`), state)) overlays.delete(key);
  }
  return { overlays, rejected: rejected.length === 0 ? base.rejected : [...base.rejected, ...rejected] };
}

function withLastGood(entry: Entry, previous: Entry | undefined): Entry {
  if (previous === undefined || previous.kind !== entry.kind || previous.reading === 'unread')
    return { ...entry, reading: 'unread' };
  return { ...previous, received: entry.received, reading: 'kept' };
}

/** A kill ends with a readable body of its revision or newer, with a newer epoch's body, or with the flag. */
function isOvertaken(kill: Overlay, entry: Entry | undefined, state: SyncState): boolean {
  const order = compareEpochs(kill.epoch, state.epoch);
  if (order > 0) return false;
  if (entry === undefined) return order < 0 || kill.revision <= state.revision;
  return entry.reading === 'read' && (order < 0 || kill.revision <= entry.received.revision);
}

function withKills(store: Store, epoch: string, kills: readonly Kill[]): ReadonlyMap<string, Overlay> {
  if (kills.length === 0) return store.overlays;
  const overlays = new Map(store.overlays);
  for (const { key, revision, offVariant } of kills) {
    const overlay = { epoch, revision, offVariant };
    const held = overlays.get(key);
    if (compareEpochs(epoch, store.state.epoch) < 0) continue;
    if (isOvertaken(overlay, store.entries.get(`flag:${key}`), store.state)) continue;
    if (held === undefined || compareStates(overlay, held) > 0) overlays.set(key, overlay);
  }
  return overlays;
}

/** The bodies that evaluation is to use for these ids. */
function changesOf(
  ids: ReadonlySet<string>,
  entries: ReadonlyMap<string, Entry>,
  overlays: ReadonlyMap<string, Overlay>,
): readonly BodyChange[] {
  return [...ids].map((id): BodyChange => {
    const entry = entries.get(id);
    const kind = id.startsWith('flag:') ? 'flag' : 'segment';
    if (entry === undefined) return { kind, key: keyOf(id), revision: 0, body: null };
    if (entry.kind === 'segment') return { kind: 'segment', key: entry.key, revision: entry.body.revision, body: entry.body };
    const overlay = overlays.get(entry.key);
    const body = overlay === undefined ? entry.body : { ...entry.body, on: false, offVariant: overlay.offVariant };
    return { kind: 'flag', key: entry.key, revision: body.revision, body };
  });
}

function flagsChanged(before: Store, after: Store): readonly string[] {
  const changed: string[] = [];
  for (const [id, entry] of after.entries) {
    const old = before.entries.get(id);
    // Nearly all entries of a delta are the same objects as before: 10 000 texts for each change would be felt by the host.
    const isSame = old === entry && before.overlays.get(entry.key) === after.overlays.get(entry.key);
    if (!isSame && inUse(before, id, old) !== inUse(after, id, entry)) changed.push(id);
  }
  for (const id of before.entries.keys()) if (!after.entries.has(id)) changed.push(id);
  return flagsReached(changed, after.entries);
}

/** Equal texts: the same answers, as far as this body alone decides them. */
function inUse(store: Store, id: string, entry: Entry | undefined): string {
  if (entry === undefined) return '';
  const overlay = entry.kind === 'flag' ? store.overlays.get(keyOf(id)) : undefined;
  return `${entry.body.tag}:${overlay === undefined ? '' : JSON.stringify([overlay.offVariant])}`;
}

/** What is wrong with the bodies that a delta puts, each read by itself. */
function issuesOf(delta: DeltaMessage, store: Store): readonly Issue[] {
  if (delta.put.length === 0) return [];
  const { project, environment } = store.rules.ruleSet;
  const { hashing } = store;
  const flags: [string, FlagBody][] = [];
  const segments: [string, SegmentBody][] = [];
  for (const put of delta.put) {
    if (put.kind === 'flag') flags.push([put.key, put.body]);
    else segments.push([put.key, put.body]);
  }
  const bodies = { flags: Object.fromEntries(flags), segments: Object.fromEntries(segments) };
  const head = { format: FORMAT, project, environment, epoch: delta.epoch, revision: delta.to } as const;
  return compile({ ...head, ...bodies, ...(hashing !== undefined && { hashing }) }).issues;
}

function* bodiesOf(ruleSet: RuleSet): Generator<AnyBody> {
  for (const [key, body] of Object.entries(ruleSet.flags)) yield { kind: 'flag', key, body };
  for (const [key, body] of Object.entries(ruleSet.segments)) yield { kind: 'segment', key, body };
}

function entryOf(any: AnyBody): Entry {
  const { revision, tag } = any.body;
  return { ...any, received: { revision, tag }, reading: 'read', links: linksOf(any.body) };
}

/** Stops short where there are too few entries to matter: deltas are small and frequent. */
function countFlags(entries: ReadonlyMap<string, Entry>): number {
  if (entries.size <= MAX_FLAGS) return entries.size;
  let count = 0;
  for (const { kind } of entries.values()) if (kind === 'flag') count++;
  return count;
}

function idOf({ kind, key }: { readonly kind: EntityKind; readonly key: string }): string {
  return `${kind}:${key}`;
}

function keyOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

function flagIds(overlays: ReadonlyMap<string, Overlay>): readonly string[] {
  return [...overlays.keys()].map((key) => `flag:${key}`);
}

/**
 * One view of one environment's rule set, with enough of its past to lead an older reader to the present.
 * Immutable: a change makes a new view, so a reader that holds one sees one revision. The past is a list of
 * which bodies changed when, not of what they were: every delta carries the newest text of what it names.
 */
import type { EntityKind } from '@yardarm/evaluator';
import {
  addBody,
  type Digest,
  digestText,
  emptyDigest,
  type Kill,
  MAX_DELTA_BYTES,
  removeBody,
  type SyncState,
  type View,
  withSum,
} from '@yardarm/sync';
import { type RuleSetHeader, renderBody, type ServedBody } from './build.ts';

/** A body's next state in a view; `storedText` null means that it left the view. */
export interface ViewChange {
  readonly kind: EntityKind;
  readonly key: string;
  /** Environment revision at which the body last changed. */
  readonly revision: number;
  readonly tag: string;
  readonly storedText: string | null;
  /** Of flags that are off: what they serve. Null for everything else. */
  readonly off: { readonly variant: string | null } | null;
}

/** Everything that one revision changed in a view; empty when the view cannot see the change. */
export interface ViewStep {
  readonly revision: number;
  readonly changes: readonly ViewChange[];
}

interface PastRevision {
  readonly revision: number;
  readonly digest: string;
  /** Ids of the bodies that this revision changed or removed. */
  readonly touched: readonly string[];
}

export interface RuleSetView {
  readonly name: View;
  readonly header: RuleSetHeader;
  /** By `bodyId`. */
  readonly bodies: ReadonlyMap<string, ServedBody>;
  readonly digest: Digest;
  /** Oldest first, without gaps, the newest being the view itself; the oldest is where deltas can start from. */
  readonly past: readonly PastRevision[];
}

/** Revisions that a delta can start from: a day of busy editing, a few kilobytes per environment. */
export const PAST_REVISIONS = 500;

export function bodyId(kind: EntityKind, key: string): string {
  return `${kind}:${key}`;
}

/** A view of a state without a past: nothing but its own revision leads to it. */
export function startView(name: View, header: RuleSetHeader, changes: readonly ViewChange[]): RuleSetView {
  const { bodies, digest } = applyChanges(new Map(), emptyDigest, changes);
  return { name, header, bodies, digest, past: [{ revision: header.revision, digest: digestText(digest), touched: [] }] };
}

/** The view after `steps`, which follow its revision one by one. Throws an Error when they do not. */
export function advanceView(view: RuleSetView, steps: readonly ViewStep[]): RuleSetView {
  const bodies = new Map(view.bodies);
  const past = [...view.past];
  let { digest } = view;
  let revision = view.header.revision;
  for (const step of steps) {
    if (step.revision !== revision + 1) throw new Error(`Revision ${step.revision} does not follow ${revision}`);
    revision = step.revision;
    digest = applyChanges(bodies, digest, step.changes).digest;
    const touched = step.changes.map((change) => bodyId(change.kind, change.key));
    past.push({ revision, digest: digestText(digest), touched });
  }
  return { ...view, header: { ...view.header, revision }, bodies, digest, past: past.slice(-PAST_REVISIONS) };
}

export function viewState(view: RuleSetView): SyncState {
  return { epoch: view.header.epoch, revision: view.header.revision, digest: digestText(view.digest) };
}

/** Whether a delta can lead from this state to the view: same epoch, a revision of its past, the same content. */
export function canLeadFrom(view: RuleSetView, state: SyncState): boolean {
  const from = view.past[state.revision - (view.past[0]?.revision ?? 0)];
  return state.epoch === view.header.epoch && from !== undefined && from.digest === state.digest;
}

/** Text of the delta message from a revision of the view's past to its newest; undefined when it is not known. */
export function renderDelta(view: RuleSetView, from: number): string | undefined {
  const oldest = view.past[0]?.revision;
  if (oldest === undefined || from < oldest || from > view.header.revision) return undefined;
  const kill: Kill[] = [];
  const put: string[] = [];
  const remove: string[] = [];
  for (const [id, revision] of touchedSince(view, from)) {
    const body = view.bodies.get(id);
    const [kind, key] = splitId(id);
    if (body === undefined) {
      remove.push(JSON.stringify({ kind, key, revision }));
      continue;
    }
    if (body.off !== null) kill.push({ key, offVariant: body.off.variant, revision: body.revision });
    put.push(`{"kind":"${kind}","key":${JSON.stringify(key)},"body":${body.text}}`);
  }
  return deltaText(view, from, { kill, put, remove });
}

/**
 * Text of a delta that changes nothing but holds the kills of flags that are off with a body newer than `after`: for
 * readers that are fetching the rule set, which take no other. As many as fit through a socket, the latest first: what was
 * killed long ago is in the rule set that they are on their way to. Undefined when there is no such flag.
 */
export function renderKills(view: RuleSetView, after: number): string | undefined {
  const all: Kill[] = [];
  for (const { key, off, revision } of view.bodies.values()) {
    if (off !== null && revision > after) all.push({ key, offVariant: off.variant, revision });
  }
  if (all.length === 0) return undefined;
  const empty = { kill: [], put: [], remove: [] };
  let leftBytes = MAX_DELTA_BYTES - deltaText(view, view.header.revision, empty).length;
  const kill: Kill[] = [];
  for (const one of all.sort((a, b) => b.revision - a.revision)) {
    leftBytes -= Buffer.byteLength(JSON.stringify(one)) + 1;
    if (leftBytes < 0) break;
    kill.push(one);
  }
  return deltaText(view, view.header.revision, { kill, put: [], remove: [] });
}

interface DeltaParts {
  readonly kill: readonly Kill[];
  /** JSON texts. */
  readonly put: readonly string[];
  readonly remove: readonly string[];
}

function deltaText(view: RuleSetView, from: number, { kill, put, remove }: DeltaParts): string {
  const { epoch, revision, digest } = viewState(view);
  const head = JSON.stringify({ type: 'delta', epoch, from, to: revision, digest, kill });
  return withSum(`${head.slice(0, -1)},"put":[${put.join(',')}],"remove":[${remove.join(',')}]}`);
}

/** Ids of the bodies touched after `from`, each with the newest revision that touched it. */
function touchedSince(view: RuleSetView, from: number): ReadonlyMap<string, number> {
  const touched = new Map<string, number>();
  for (const past of view.past) {
    if (past.revision > from) for (const id of past.touched) touched.set(id, past.revision);
  }
  return touched;
}

function splitId(id: string): readonly [kind: EntityKind, key: string] {
  const colon = id.indexOf(':');
  return [id.slice(0, colon) as EntityKind, id.slice(colon + 1)];
}

function applyChanges(bodies: Map<string, ServedBody>, from: Digest, changes: readonly ViewChange[]) {
  let digest = from;
  for (const { kind, key, revision, tag, storedText, off } of changes) {
    const id = bodyId(kind, key);
    const old = bodies.get(id);
    if (old !== undefined) digest = removeBody(digest, kind, key, old.tag);
    if (storedText === null) {
      bodies.delete(id);
      continue;
    }
    digest = addBody(digest, kind, key, tag);
    bodies.set(id, { kind, key, revision, tag, off, text: renderBody(storedText, revision, tag) });
  }
  return { bodies, digest };
}

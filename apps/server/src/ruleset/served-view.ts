/**
 * A view as it leaves the server: every text is made when first asked for, once, and shared by everybody who
 * asks again. A new revision is a new served view, so nothing here is ever invalidated.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { MAX_DELTA_BYTES, ruleSetEtag, type SyncState, stateText, type View } from '@yardarm/sync';
import { renderRuleSet } from './build.ts';
import { once } from './once.ts';
import { canLeadFrom, type RuleSetView, renderDelta, renderKills, viewState } from './rule-set-view.ts';

const compress = promisify(gzip);

export interface ServedView {
  readonly name: View;
  readonly state: SyncState;
  readonly etag: string;
  /** Value of the `Yardarm-State` header. */
  readonly stateText: string;
  readonly ruleSet: () => Buffer;
  readonly compressedRuleSet: () => Promise<Buffer>;
  /** Frame that leads from `from` to this revision; null when none does, or it is too large for a socket. */
  readonly delta: (from: SyncState) => Buffer | null;
  /** Frame of the kills of all flags that are off with a body newer than `after`; null when there are none. */
  readonly kills: (after: number) => Buffer | null;
}

export function serveView(view: RuleSetView): ServedView {
  const state = viewState(view);
  const ruleSet = once(() => Buffer.from(renderRuleSet(view.header, view.bodies.values())));
  const deltas = new Map<number, Buffer | null>();
  const kills = new Map<number, Buffer | null>();
  return {
    name: view.name,
    state,
    etag: ruleSetEtag(state.digest, view.name),
    stateText: stateText(state),
    ruleSet,
    compressedRuleSet: once(() => compress(ruleSet())),
    delta: (from) => (canLeadFrom(view, from) ? remember(deltas, from.revision, () => deltaFrame(view, from.revision)) : null),
    kills: (after) => remember(kills, after, () => toFrame(renderKills(view, after))),
  };
}

function deltaFrame(view: RuleSetView, from: number): Buffer | null {
  const frame = toFrame(renderDelta(view, from));
  return frame !== null && frame.length > MAX_DELTA_BYTES ? null : frame;
}

function toFrame(text: string | undefined): Buffer | null {
  return text === undefined ? null : Buffer.from(text);
}

function remember<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const old = known.get(key);
  if (old !== undefined) return old;
  const value = make();
  known.set(key, value);
  return value;
}

/**
 * A view as it leaves the server: everything is made when first asked for, once, and shared by everybody who asks again. A
 * new revision is a new served view, so nothing here is ever invalidated; only deltas with an address outlive their revision.
 */
import {
  compareStates,
  deltaPath,
  MAX_DELTA_BYTES,
  ruleSetEtag,
  STATE_HEADER,
  type SyncState,
  stateText,
  type View,
} from '@yardarm/sync';
import { type AddressedDeltas, createAddressedDeltas, type DeltaPosition } from './addressed-deltas.ts';
import { renderRuleSet } from './build.ts';
import { type PreparedAnswer, prepareAnswer } from './prepared-answer.ts';
import { renderKillsAnswer } from './render-kills-answer.ts';
import { canLeadFrom, type RuleSetView, renderDelta, renderKills, viewState } from './rule-set-view.ts';
import { type SharedFrame, shareFrame } from './shared-frame.ts';

/** How a delta travels: through the socket, or, being larger than MAX_DELTA_BYTES, by its address. */
export type ServedDelta = { readonly frame: SharedFrame } | { readonly path: string; readonly bytes: number };

export interface ServedView {
  readonly name: View;
  readonly state: SyncState;
  readonly ruleSet: PreparedAnswer;
  readonly killsAnswer: PreparedAnswer;
  /** What leads from `from` to this revision; null when nothing does. */
  readonly delta: (from: SyncState) => ServedDelta | null;
  /** A delta by its address; undefined when it is not known, or no longer. */
  readonly deltaAt: (position: DeltaPosition) => PreparedAnswer | undefined;
  /** Frame of the kills of all flags that are off with a body newer than `after`; null when there are none. */
  readonly kills: (after: number) => Buffer | null;
  readonly addressedDeltas: AddressedDeltas;
  /** Nobody was told of these: they must not push out those that readers are on their way to. */
  readonly askedDeltas: AddressedDeltas;
}

/** Readers that are away for a while come from a few revisions; whoever names made-up ones must not fill the memory. */
const MAX_KILLS_FRAMES = 16;
const REVALIDATED = ['Cache-Control', 'private, no-cache'];
/** Private: an address is for those who hold a key of its view. */
const IMMUTABLE = ['Cache-Control', 'private, max-age=31536000, immutable'];

/** @param previous the same view at an earlier revision, whose readers may still be on their way to its deltas */
export function serveView(view: RuleSetView, previous?: ServedView): ServedView {
  const state = viewState(view);
  const { epoch, revision: to } = state;
  const headers = [STATE_HEADER, stateText(state), ...REVALIDATED];
  const addressedDeltas = previous?.addressedDeltas ?? createAddressedDeltas(IMMUTABLE);
  const askedDeltas = previous?.askedDeltas ?? createAddressedDeltas(IMMUTABLE);
  const deltas = new Map<number, ServedDelta | null>();
  const kills = new Map<number, Buffer | null>();

  function makeDelta(from: number): ServedDelta | null {
    const text = toBuffer(renderDelta(view, from));
    if (text === null) return null;
    if (text.length <= MAX_DELTA_BYTES) return { frame: shareFrame(text) };
    addressedDeltas.keep({ epoch, from, to }, text);
    return { path: deltaPath(epoch, from, to), bytes: text.length };
  }

  return {
    name: view.name,
    state,
    ruleSet: prepareAnswer({
      etag: ruleSetEtag(state.digest, view.name),
      headers,
      render: () => Buffer.from(renderRuleSet(view.header, view.bodies.values())),
    }),
    killsAnswer: prepareAnswer({
      etag: `W/"${epoch}.${to}.${view.name}"`,
      headers,
      render: () => Buffer.from(renderKillsAnswer(view)),
    }),
    delta: (from) => (canLeadFrom(view, from) ? remember(deltas, from.revision, () => makeDelta(from.revision)) : null),
    deltaAt: (position) => {
      const kept = addressedDeltas.find(position) ?? askedDeltas.find(position);
      const leadsHere = compareStates({ epoch: position.epoch, revision: position.to }, state) === 0;
      if (kept !== undefined || !leadsHere || position.from >= to) return kept;
      const text = toBuffer(renderDelta(view, position.from));
      return text === null ? undefined : askedDeltas.keep(position, text);
    },
    kills: (after) => {
      if (kills.size >= MAX_KILLS_FRAMES) kills.clear();
      return remember(kills, after, () => toBuffer(renderKills(view, after)));
    },
    addressedDeltas,
    askedDeltas,
  };
}

function toBuffer(text: string | undefined): Buffer | null {
  return text === undefined ? null : Buffer.from(text);
}

function remember<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const old = known.get(key);
  if (old !== undefined) return old;
  const value = make();
  known.set(key, value);
  return value;
}

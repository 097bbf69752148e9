/**
 * What the replica does on each link with each thing that can happen. The type has a cell for every pair, so that one that
 * is missing does not compile. A cell says what happens to the link and the rules; receipts, health and the timer follow
 * from the outcome in replica.ts. `stop` is not here: it ends the machine from everywhere.
 */
import { CLOSE, RULE_SET_PATH, type ServerMessage } from './messages.ts';
import type { InvalidMessage } from './parse.ts';
import { type Draft, holds, settleBehind, update } from './replica-draft.ts';
import { askKills, onFetched, onKillsFetched, resync, takeDelta } from './replica-fetch.ts';
import {
  connectAgain,
  giveUpSilent,
  giveUpUnwelcomed,
  greet,
  type LinkOf,
  leave,
  onClosed,
  onGoodbye,
  onHeard,
  onWelcome,
  startOver,
  suspend,
} from './replica-link.ts';
import type { Link, ReplicaEvent } from './replica-state.ts';

/** Frames count as what they say; one of an unknown type says nothing. */
type Input = Exclude<ReplicaEvent, { type: 'received' | 'stop' }> | ServerMessage | InvalidMessage | { readonly type: 'unknown' };
type Inputs = { readonly [I in Input as I['type']]: I };
type Links = { readonly [Kind in Link['kind']]: LinkOf<Kind> };
type Cell<Kind extends Link['kind'], Type extends keyof Inputs> = (draft: Draft, input: Inputs[Type], link: Links[Kind]) => void;
/** The row of one link. */
export type Row<Kind extends Link['kind']> = { readonly [Type in keyof Inputs]: Cell<Kind, Type> };

type Table = { readonly [Kind in Link['kind']]: Row<Kind> };

const ignore = () => {};
const always = { fetched: onFetched, killsFetched: onKillsFetched, unknown: ignore, suspended: suspend, resumed: startOver };
/** Frames on a link that is not open belong to a connection that was given up. */
const deaf = { heard: ignore, welcome: ignore, delta: ignore, beat: ignore, resync: ignore, goodbye: ignore, invalid: ignore };
const talking = { welcome: onWelcome, delta: onDelta, beat: onBeat, resync: onResync, goodbye: onGoodbye, invalid: onInvalid };

export const TRANSITIONS = {
  connecting: { ...always, ...deaf, opened: greet, closed: onClosed, woke: giveUpUnwelcomed },
  greeting: { ...always, ...talking, heard: ignore, opened: ignore, closed: onClosed, woke: giveUpUnwelcomed },
  live: { ...always, ...talking, heard: onHeard, opened: ignore, closed: onClosed, woke: giveUpSilent },
  waiting: { ...always, ...deaf, opened: ignore, closed: ignore, woke: connectAgain },
} satisfies Table;

const CELLS: Table = TRANSITIONS;

export function transit(draft: Draft, event: Exclude<ReplicaEvent, { type: 'stop' }>): void {
  if (event.type === 'received') {
    // Whatever it says, something was heard.
    enter(draft, { type: 'heard' });
    enter(draft, event.message ?? { type: 'unknown' });
  } else enter(draft, event);
}

function enter(draft: Draft, input: Input): void {
  const { link } = draft.state;
  cell(link.kind, input.type)(draft, input, link);
}

function cell<Kind extends Link['kind'], Type extends keyof Inputs>(kind: Kind, type: Type): Cell<Kind, Type> {
  const row: Row<Kind> = CELLS[kind];
  return row[type];
}

function onDelta(draft: Draft, delta: Extract<ServerMessage, { type: 'delta' }>): void {
  const { store } = draft.state;
  const { epoch, to: revision, digest } = delta;
  const isTaken = store !== null && takeDelta(draft, delta, store);
  if (!isTaken) resync(draft, { epoch, revision, digest });
  settleBehind(draft);
}

function onBeat(draft: Draft, beat: Extract<ServerMessage, { type: 'beat' }>): void {
  const { store, fetching, behind } = draft.state;
  const isIdle = fetching.kind === 'idle';
  if (store === null) {
    if (isIdle) resync(draft, 'unknown');
    return;
  }
  if (behind !== null || !holds(store, beat)) {
    // While a fetch waits for its turn, the kills that it would have brought come by themselves.
    if (isIdle) askKills(draft);
    resync(draft, beat);
  }
  // What is held may be the newest: a damaged frame had announced something else.
  settleBehind(draft);
}

function onResync(draft: Draft, { reason, url, spreadMs }: Extract<ServerMessage, { type: 'resync' }>): void {
  const { behind, store } = draft.state;
  // What the welcome or a delta announced says more than a resync; a new epoch or content has no name yet.
  const isNew = reason === 'epoch' || reason === 'digest';
  const path = reason === 'too_old' && store !== null ? url : RULE_SET_PATH;
  resync(draft, isNew || behind === null ? 'unknown' : behind, path, spreadMs);
}

function onInvalid(draft: Draft, message: InvalidMessage): void {
  const { store } = draft.state;
  update(draft, { problem: `the server sent what cannot be read: ${message.problem}` });
  if (message.closeCode === CLOSE.version) {
    leave(draft, 'refused');
    return;
  }
  if (store !== null) takeDelta(draft, message, store);
  resync(draft, 'unknown');
}

/**
 * Bugs to be found, so that a simulation that finds none has shown that it could. The product has no switch for them: each
 * changes what reaches an end of the protocol, or what that end is told, to what would come out if the end had the bug.
 */
import {
  addBody,
  type DeltaMessage,
  digestText,
  type FetchOutcome,
  removeBody,
  type ServerMessage,
  type Store,
} from '@yardarm/sync';
import type { ReceiptSources } from '../../delivery/own-receipts.ts';

export interface Bug {
  /** What the SDK takes a frame for. Undefined: as it is. */
  received?(text: string, held: Store | null): string | undefined;
  fetched?(outcome: FetchOutcome, held: Store | null): FetchOutcome;
  /** What the SDK keeps instead of these lines. */
  kept?(lines: readonly string[], held: Store): readonly string[];
  /** What the server takes for the bytes in a socket's buffer. */
  bufferedBytes?(bytes: number): number;
  /** What a server counts with instead of what it has. */
  sources?(own: ReceiptSources): Partial<ReceiptSources>;
  /** False: the servers look at the store only when they are notified. */
  readonly polls?: false;
}

export const BUGS = {
  /**
   * The SDK applies a delta whatever it leads from. The digest alone stops that (0 of 100 worlds notice), so it is not looked at either:
   * its frame is given the `from` and the digest that let the delta pass.
   */
  'apply-without-from': {
    received: (text, held) => {
      const message = parse(text);
      if (held === null || message?.type !== 'delta' || message.epoch !== held.state.epoch) return undefined;
      if (message.from <= held.state.revision) return undefined;
      return JSON.stringify({ ...message, from: held.state.revision, digest: digestAfter(held, message) });
    },
  },
  /** The SDK takes any rule set for newer than what it has. */
  'older-over-http': {
    fetched: (outcome, held) => {
      if (outcome.kind !== 'ruleSet' || held === null || outcome.ruleSet.epoch !== held.state.epoch) return outcome;
      if (outcome.ruleSet.revision >= held.state.revision) return outcome;
      return { ...outcome, state: undefined, ruleSet: { ...outcome.ruleSet, revision: held.state.revision } };
    },
  },
  /** The SDK leaves kills aside that come without their bodies. */
  'kills-dropped-while-resyncing': {
    received: (text) => {
      const message = parse(text);
      return message?.type === 'delta' && message.put.length === 0 ? JSON.stringify({ ...message, kill: [] }) : undefined;
    },
  },
  /** The file has the last good body of a flag as if it were the newest, which ends the kill of the one that cannot be read. */
  'kill-lost-in-file': {
    kept: ([head = '', ...lines], { state, entries }) => {
      const entry = (line: string) => JSON.parse(line) as ['flag' | 'segment', string, object];
      const isKept = ([kind, key]: ReturnType<typeof entry>) => entries.get(`${kind}:${key}`)?.reading === 'kept';
      const asNewest = ([kind, key, body]: ReturnType<typeof entry>) => [kind, key, { ...body, revision: state.revision }];
      return [head, ...lines.map((line) => (isKept(entry(line)) ? JSON.stringify(asNewest(entry(line))) : line))];
    },
  },
  /** The SDK keeps to the epoch that it began with. */
  'new-epoch-ignored': {
    received: (text, held) => {
      const message = parse(text);
      const isOther = message?.type === 'delta' && held !== null && message.epoch !== held.state.epoch;
      return isOther ? JSON.stringify({ type: 'ignored' }) : undefined;
    },
    fetched: (outcome, held) => {
      const isOther = outcome.kind === 'ruleSet' && held !== null && outcome.ruleSet.epoch !== held.state.epoch;
      return isOther ? { kind: 'notModified', state: undefined } : outcome;
    },
  },
  /** The server sends on, however much its readers have not read. */
  'endless-buffer': { bufferedBytes: () => 0 },
  /** The server trusts its notifications. */
  'no-poll': { polls: false },
  /** A server goes on counting those whose sockets have ended. */
  'leave-forgotten': { sources: ({ books }) => ({ books: { ...books, leave: () => {} } }) },
  /** What an instance refused of one state outlives that it runs another one. */
  'refusal-kept': {
    sources: ({ books }) => ({
      books: {
        ...books,
        apply: (key, link, applied) => {
          const { rejected } = link;
          books.apply(key, link, applied);
          if (rejected !== null) books.reject(key, link, rejected);
        },
      },
    }),
  },
  /** Who has polled counts as long as the server runs. */
  'polls-for-ever': {
    sources: ({ pollers }) => ({
      pollers: { note: (key, receipt) => pollers.note(key, receipt, 0), list: (environmentId) => pollers.list(environmentId, 0) },
    }),
  },
} as const satisfies Record<string, Bug>;

export type BugName = keyof typeof BUGS;

function parse(text: string): ServerMessage | undefined {
  try {
    return JSON.parse(text) as ServerMessage;
  } catch {
    return undefined;
  }
}

function digestAfter(held: Store, { put, remove }: DeltaMessage): string {
  let { digest } = held;
  const touched = new Map([...remove, ...put].map((named) => [`${named.kind}:${named.key}`, named]));
  for (const [id, { kind, key }] of touched) {
    const old = held.entries.get(id);
    if (old !== undefined) digest = removeBody(digest, kind, key, old.tag);
  }
  for (const { kind, key, body } of put) digest = addBody(digest, kind, key, body.tag);
  return digestText(digest);
}

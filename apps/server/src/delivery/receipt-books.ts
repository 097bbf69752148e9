/** The receipt books of this server: one for each environment and kind of key, since a browser's word is forgeable. */
import type { AppInfo, SyncState } from '@yardarm/sync';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import type { Hello } from './connection.ts';
import { type BookHead, createReceiptBook, type Link, type ReceiptBook, type Rejection } from './receipt-book.ts';
import type { SdkKey } from './sdk-keys.ts';

export type KeyKind = SdkKey['kind'];
export const KEY_KINDS: readonly KeyKind[] = ['server', 'client'];

export interface ReceiptBooksOptions {
  readonly environment: (environmentId: string) => ServedEnvironment | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Database clock minus `now()`. */
  readonly clockOffsetMs: () => number;
  /** Something was counted, or counts no longer. Called for every receipt: it has to be cheap. */
  readonly onChange: (environmentId: string) => void;
  /** An instance that was connected at a commit runs it, so long after it. */
  readonly onConverged: (environment: ServedEnvironment, kind: KeyKind, app: AppInfo, ms: number) => void;
}

export interface ReceiptBooks {
  /** A socket with this key said hello. Its environment must be known. `heardAtMs` is on the clock of `now`. */
  join(key: SdkKey, hello: Hello, heardAtMs: () => number): Link;
  apply(key: SdkKey, link: Link, applied: SyncState): void;
  reject(key: SdkKey, link: Link, rejected: Rejection): void;
  leave(key: SdkKey, link: Link): void;
  /** The environment has a newer revision. */
  advance(served: ServedEnvironment): void;
  /** Undefined: nobody has been connected with such a key. */
  find(environmentId: string, kind: KeyKind): ReceiptBook | undefined;
  /** Environments in which somebody is connected. */
  attended(): readonly string[];
}

type Books = Readonly<Record<KeyKind, ReceiptBook>>;

export function createReceiptBooks({
  environment,
  now,
  clockOffsetMs,
  onChange,
  onConverged,
}: ReceiptBooksOptions): ReceiptBooks {
  const books = new Map<string, Books>();
  const databaseNow = () => now() + clockOffsetMs();

  function open(environmentId: string): Books {
    const served = environment(environmentId);
    if (served === undefined) throw new Error(`Environment ${environmentId} is not loaded.`);
    const book = (kind: KeyKind) =>
      createReceiptBook({
        head: headOf(served, kind),
        onConverged: (app, ms) => onConverged(environment(environmentId) ?? served, kind, app, ms),
      });
    const opened = { server: book('server'), client: book('client') };
    books.set(environmentId, opened);
    return opened;
  }

  function bookOf({ environmentId, kind }: SdkKey): ReceiptBook {
    return (books.get(environmentId) ?? open(environmentId))[kind];
  }

  return {
    join: (key, { instance, sdk, app }, heardAtMs) => {
      const onDatabaseClock = () => heardAtMs() + clockOffsetMs();
      const said = { keyId: key.id, instance, sdk, app, connectedAtMs: databaseNow(), heardAtMs: onDatabaseClock };
      const link = bookOf(key).join(said);
      onChange(key.environmentId);
      return link;
    },
    apply: (key, link, applied) => {
      bookOf(key).apply(link, applied, databaseNow());
      onChange(key.environmentId);
    },
    reject: (key, link, rejected) => {
      bookOf(key).reject(link, rejected);
      onChange(key.environmentId);
    },
    leave: (key, link) => {
      bookOf(key).leave(link);
      onChange(key.environmentId);
    },
    advance: (served) => {
      const opened = books.get(served.rules.environmentId);
      if (opened === undefined) return;
      for (const kind of KEY_KINDS) opened[kind].advance(headOf(served, kind));
      onChange(served.rules.environmentId);
    },
    find: (environmentId, kind) => books.get(environmentId)?.[kind],
    attended: () => [...books].flatMap(([id, opened]) => (KEY_KINDS.some((kind) => opened[kind].connected() > 0) ? id : [])),
  };
}

function headOf({ views, committedAtMs }: ServedEnvironment, kind: KeyKind): BookHead {
  return { state: views[kind].state, committedAtMs };
}

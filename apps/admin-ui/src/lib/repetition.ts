/**
 * What becomes of a change whose answer is lost: it is sent again under the same key, and made once. While nobody knows the outcome of an
 * edit, the same edit pressed again a minute later goes by that key too; once the outcome is known, it is another edit.
 */

/** How the server takes the same request twice: it knows it by its key; it is done twice and does the same; or nobody may send it again. */
export type Repetition = 'known' | 'harmless' | 'never';

/** Between one sending and the next, in ms. */
export const REPEATED_AFTER_MS: readonly number[] = [500, 2_000];

export interface KeyedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Undefined: it makes something new, which goes by a key of its own each time. */
  readonly ifVersion: number | undefined;
}

/** Keys of edits whose outcome nobody knows, for as long as the tab lives: a reload answers no question. */
export interface OpenOutcomes {
  keyOf(request: KeyedRequest): string;
  /** Nobody knows what became of what was sent under `key`. */
  keep(request: KeyedRequest, key: string): void;
  /** It was done, or refused. */
  forget(request: KeyedRequest): void;
}

/** `storage` undefined, or full: an edit pressed again is another one, and is refused where the first one was made. */
export function openOutcomes(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined): OpenOutcomes {
  return {
    keyOf: (request) => (request.ifVersion === undefined ? null : storage?.getItem(itemOf(request))) ?? randomHex(),
    keep: (request, key) => {
      if (request.ifVersion === undefined) return;
      try {
        storage?.setItem(itemOf(request), key);
      } catch {
        // As if there were no storage.
      }
    },
    forget: (request) => storage?.removeItem(itemOf(request)),
  };
}

function itemOf({ method, path, body, ifVersion }: KeyedRequest): string {
  return `yardarm-open ${ifVersion} ${fingerprint(`${method} ${path} ${body}`)}`;
}

/** Not `randomUUID`, which browsers have only over https and on localhost. */
function randomHex(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((word) => word.toString(16).padStart(8, '0')).join('');
}

/** 64 bits in two halves. No proof of anything: the server compares the whole of what was sent under a key. */
function fingerprint(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995) ^ (b >>> 15);
  }
  return [a, b].map((half) => (half >>> 0).toString(16)).join('.');
}

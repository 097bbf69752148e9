/**
 * What becomes of a change whose answer is lost: it is sent again, and made once. A new thing goes by a key that it has for itself. An edit goes
 * by a key made of what it is and of the version that it is based on, so that the same edit, pressed again a minute later, is the same.
 */

/** How the server takes the same request twice: it knows it by its key; it is done twice and does the same; or nobody may send it again. */
export type Repetition = 'known' | 'harmless' | 'never';

/** Between one sending and the next, in ms. */
export const REPEATED_AFTER_MS: readonly number[] = [500, 2_000];

/** Tells the edits of this page from those of another one, which may have seen another state. */
const PAGE = randomHex();

export interface KeyedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly ifVersion: number | undefined;
}

export function idempotencyKey({ method, path, body, ifVersion }: KeyedRequest): string {
  return ifVersion === undefined ? randomHex() : `${PAGE}-v${ifVersion}-${fingerprint(`${method} ${path} ${body}`)}`;
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

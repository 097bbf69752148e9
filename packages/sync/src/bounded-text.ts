/** The text of an answer, read piece by piece, so that one without an end costs a host no more than it can bear. */
import type { HttpResponse } from './sync-requests.ts';

/** Twice the hard limit of a rule set: more is not ours. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Rejects where the answer is broken, or larger than `MAX_ANSWER_BYTES`. */
export function boundedText(decodeUtf8: (bytes: Uint8Array) => string): (response: HttpResponse) => Promise<string> {
  return async ({ body }) => {
    const reader = body?.getReader();
    if (reader === undefined) return '';
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return decodeUtf8(joined(chunks, length));
      if (value === undefined) continue;
      length += value.length;
      if (length > MAX_ANSWER_BYTES) {
        await reader.cancel();
        throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
      }
      chunks.push(value);
    }
  };
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

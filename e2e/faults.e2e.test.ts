/** The small sizes of `npm run faults`: faults on real servers, real sockets and real SDKs, several at a time since most of it is waiting. */
import { describe, expect, it } from 'vitest';
import { ROWS } from '../bench/faults/rows.mjs';

const TIMEOUT_MS = 400_000;

describe('the fault table on real sockets', () => {
  it.concurrent.each(ROWS)('row $id holds: $fault', { timeout: TIMEOUT_MS }, async ({ small }) => {
    const missed = (await small()).filter(({ value, atMost }) => !(value <= atMost));
    expect(missed).toEqual([]);
  });
});

import type { AuditProof } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { findingsOf, NO_PROOF, withLine } from './proof.ts';
import { readLines } from './read-lines.ts';

function streamOf(...pieces: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
}

describe('readLines', () => {
  it('puts together what arrives in pieces, the last line without an end too', async () => {
    const lines: string[] = [];
    for await (const line of readLines(streamOf('{"a":', '1}\n{"b":2}\n', '\n{"c":3}'))) lines.push(line);
    expect(lines).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
  });
});

describe('withLine', () => {
  const finding = { chain: 'p', seq: 3, changeSet: '9', cause: 'changed', message: 'Rows differ.' } as const;
  const chain = { type: 'chain', chain: 'p', project: 'shop', links: 3, adopted: 0, head: 'x', checkpoints: 1, finding } as const;
  const lines: AuditProof[] = [
    { type: 'progress', chain: 'p', links: 2 },
    chain,
    { type: 'progress', chain: 'instance', links: 4 },
    { type: 'strays', findings: [] },
    { type: 'end', ok: false, links: 9, findings: 1 },
  ];

  it('counts the links of all chains, and knows nothing of the end before it', () => {
    const proofs = lines.map((_, index) => lines.slice(0, index + 1).reduce(withLine, NO_PROOF));
    expect(proofs.map(({ links, ok }) => [links, ok])).toEqual([
      [2, null],
      [3, null],
      [7, null],
      [7, null],
      [9, false],
    ]);
    expect(findingsOf(proofs.at(-1) ?? NO_PROOF)).toEqual([finding]);
  });
});

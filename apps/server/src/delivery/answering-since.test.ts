import { expect, test } from 'vitest';
import { createAnsweringSince } from './answering-since.ts';

test('counts from the first answer, from the end of a break, and from a restart that no look missed', () => {
  let nowMs = 0;
  const answering = createAnsweringSince(() => nowMs);
  const after = (ms: number, incarnation?: string) => {
    nowMs += ms;
    if (incarnation !== undefined) answering.note(incarnation);
    return answering.forMs();
  };
  expect([after(0), after(1_000, 'a'), after(1_000, 'a'), after(1_500)]).toEqual([0, 0, 1_000, 2_500]);
  expect([after(2_000), after(1_000, 'a'), after(1_000, 'a')]).toEqual([0, 0, 1_000]);
  expect([after(1_000, 'b'), after(1_000, 'b')]).toEqual([0, 1_000]);
});

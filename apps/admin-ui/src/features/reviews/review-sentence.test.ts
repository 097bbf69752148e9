import type { Review } from '@yardarm/contract';
import { expect, test } from 'vitest';
import { reviewSentence } from './review-sentence.ts';

function reviewOf(cause: Review['cause'], command: string, keys: readonly string[]): Review {
  const about = keys.map((key) => ({ kind: 'flag' as const, key, environment: 'production' }));
  const changeSet = { id: '7', command, actor: { kind: 'token' as const, name: 'ops' }, at: '2027-01-31T12:00:00.000Z', about };
  return { id: 'r1', cause, changeSet, openedAt: '2027-01-31T12:00:00.000Z', closedAt: null, closedBy: null, note: null };
}

test('a review says what was done, to how much, and why somebody should look', () => {
  expect(reviewSentence(reviewOf('no_reason', 'flag.kill', ['checkout']))).toEqual({
    verb: 'killed',
    what: 'checkout',
    why: 'without a reason',
  });
  expect(reviewSentence(reviewOf('no_reason', 'flag.kill_many', ['a', 'b', 'b', 'c'])).what).toBe('a and 2 more');
  expect(reviewSentence(reviewOf('break_glass', 'flag.unkill', ['a']))).toMatchObject({
    verb: 'switched on',
    why: 'with a break-glass token',
  });
  expect(reviewSentence(reviewOf('break_glass', 'audit.checkpoints', []))).toMatchObject({ verb: 'changed', what: '' });
});

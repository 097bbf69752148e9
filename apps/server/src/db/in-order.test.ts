import { expect, it } from 'vitest';
import { inOrder } from './in-order.ts';

it('answers what each answered', async () => {
  expect(await inOrder([Promise.resolve(1), Promise.resolve('two')])).toEqual([1, 'two']);
});

it('throws what the first that failed threw, though others fail sooner', async () => {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('the cause')), 5));
  const aborted = Promise.reject(new Error('the transaction is aborted'));
  await expect(inOrder([Promise.resolve(1), late, aborted])).rejects.toThrow('the cause');
});

import { expect, test } from 'vitest';
import { calmLook } from './calm-look.ts';

test('looks at once, and then no more often than the gap, for everybody who asked meanwhile', async () => {
  const began: number[] = [];
  const look = calmLook(
    async () => void began.push(performance.now()),
    () => performance.now(),
    50,
  );
  const endMs = performance.now() + 220;
  while (performance.now() < endMs)
    await Promise.race([Promise.all([look(), look()]), new Promise((resolve) => setTimeout(resolve, 2))]);
  await look();
  expect(began.length).toBeGreaterThanOrEqual(2);
  for (const [index, atMs] of began.slice(1).entries()) expect(atMs - began[index]!).toBeGreaterThan(45);
});

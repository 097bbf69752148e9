import { expect, it } from 'vitest';
import { sendInParts } from './edit-flags.ts';

const flags = Array.from({ length: 450 }, (_, index) => `flag-${index}`);
const all = (part: readonly string[]) => ({ changed: [...part], unchanged: [], refused: [] });

it('sends 200 at a time, and names those of a part that was refused', async () => {
  const sizes: number[] = [];
  const { changed, refused } = await sendInParts({ flags, edit: { do: 'archive' }, reason: '' }, async (part) => {
    sizes.push(part.flags.length);
    if (sizes.length === 2) throw new Error('Try again in a moment.');
    return all(part.flags);
  });
  expect(sizes).toEqual([200, 200, 50]);
  expect([changed.length, refused.length]).toEqual([250, 200]);
  expect(refused[0]).toEqual({ flag: 'flag-200', code: 'unavailable', message: 'Try again in a moment.' });
});

it('fails where nothing was edited, and kills all of them at once', async () => {
  const refuse = () => Promise.reject(new Error('no'));
  await expect(sendInParts({ flags, edit: { do: 'archive' }, reason: '' }, refuse)).rejects.toThrow('no');
  const killed = await sendInParts({ flags, edit: { do: 'kill', environment: 'production' }, reason: '' }, async (part) =>
    all(part.flags),
  );
  expect(killed.changed).toHaveLength(450);
});

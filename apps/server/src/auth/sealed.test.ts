import { expect, it } from 'vitest';
import { createSealer } from './sealed.ts';

const sealer = createSealer('the secret of the server, long enough', 'test');

it('opens what it sealed, until it expires', () => {
  const text = sealer.seal({ state: 'x' }, 1_000);
  expect(sealer.open(text, 999)).toEqual({ state: 'x' });
  expect(sealer.open(text, 1_000)).toBeNull();
  expect(text).not.toContain(Buffer.from('state').toString('base64url'));
});

it('opens nothing that was altered, or sealed with another secret or for another purpose', () => {
  const text = sealer.seal({ state: 'x' }, 1_000);
  for (let at = 0; at < text.length; at += 7)
    expect(sealer.open(text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1), 0)).toBeNull();
  expect(sealer.open('', 0)).toBeNull();
  expect(createSealer('another secret of a server, long', 'test').open(text, 0)).toBeNull();
  expect(createSealer('the secret of the server, long enough', 'other').open(text, 0)).toBeNull();
});

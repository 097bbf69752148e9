import { expect, it, vi } from 'vitest';
import { newPassword, passwordText, userName } from './identity.ts';

it.each([
  ['a name', userName],
  ['a password', passwordText],
  ['a new password', newPassword],
] as const)('refuses %s that is far too long before it composes its letters, which may make eighteen of one', (_, schema) => {
  const compose = vi.spyOn(String.prototype, 'normalize');
  const { error } = schema.safeParse('\uFDFA'.repeat(1_025));
  const composed = compose.mock.calls.length;
  compose.mockRestore();
  expect([error?.issues.map(({ code }) => code), composed]).toEqual([['too_big'], 0]);
});

it('composes the letters of what is not', () => {
  expect(userName.parse(' A\u030Angstro\u0308m ')).toBe('\u00C5ngstr\u00F6m');
});

import type { FlagEnvironment } from '@yardarm/contract';
import { expect, test } from 'vitest';
import { environmentState } from './environment-state.ts';

function stateOf(part: Partial<FlagEnvironment>): FlagEnvironment {
  return {
    environment: 'production', on: true, version: 1, updatedAt: '2027-01-01T00:00:00.000Z', offVariant: 'off',
    prerequisites: [], targets: [], rules: [], fallthrough: { variant: 'on' }, ...part,
  }; // biome-ignore format: a fixture is read as one block
}

const split = (weights: [string, number][]) => ({ split: { by: 'targetingKey', hash: 2 as const, weights } });

test('a flag that is off serves nothing of its own, whatever it is set to', () => {
  expect(environmentState(stateOf({ on: false }))).toEqual({ served: null, share: null, exceptions: null });
});

test('a rollout is its percentage, any other split its size', () => {
  expect(
    environmentState(
      stateOf({
        fallthrough: split([
          ['on', 12_500],
          ['off', 87_500],
        ]),
      }),
    ),
  ).toMatchObject({ served: '12.5\u00a0%', share: 0.125 });
  expect(
    environmentState(
      stateOf({
        fallthrough: split([
          ['a', 1],
          ['b', 1],
          ['c', 99_998],
        ]),
      }),
    ).served,
  ).toBe('split of 3');
});

test('one variant is its name, none the code default', () => {
  expect(environmentState(stateOf({})).served).toBe('on');
  expect(environmentState(stateOf({ fallthrough: null })).served).toBe('code default');
});

test('rules and targets are told apart', () => {
  const rule = { id: 'r', when: { all: [] }, serve: { variant: 'on' } };
  expect(environmentState(stateOf({ rules: [rule] })).exceptions).toBe('1 rule');
  expect(environmentState(stateOf({ rules: [rule, rule], targets: [{ variant: 'on', keys: ['u'] }] })).exceptions).toBe(
    '2 rules, targets',
  );
});

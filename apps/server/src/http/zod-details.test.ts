import { configureFlagInput } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { toDetails, toJsonPath } from './zod-details.ts';

function pathsOf(input: unknown): string[] {
  const result = configureFlagInput.safeParse(input);
  return toDetails(result.error?.issues ?? []).map(({ path }) => path);
}

describe('toDetails', () => {
  it('names every unknown member on its own', () => {
    expect(pathsOf({ colour: 1, size: 2 })).toEqual(['colour', 'size']);
  });

  it('explains a union by the branch that was meant', () => {
    const when = {
      all: [
        { attribute: 'plan', op: 'equals', values: ['pro'] },
        { attribute: 'plan', op: 'is' },
      ],
    };
    expect(pathsOf({ rules: [{ id: 'r1', when, serve: { variant: 'on' } }] })).toEqual(['rules[0].when.all[1].op']);
    expect(pathsOf({ fallthrough: { split: { weights: [['on', -1], ['off', 100_001]] } } })).toEqual([
      'fallthrough.split.weights[0][1]',
      'fallthrough.split.weights[1][1]',
    ]); // biome-ignore format: one line a case
  });

  it('puts the location in front of what is outside the body', () => {
    const issues = configureFlagInput.safeParse({ offVariant: 7 }).error?.issues ?? [];
    expect(toDetails(issues, 'query')).toMatchObject([{ path: 'query.offVariant' }]);
  });
});

describe('toJsonPath', () => {
  it.each([
    [[], ''],
    [['rules', 0, 'when'], 'rules[0].when'],
    [['variants', 'free-shipping'], 'variants.free-shipping'],
    [['variants', 'a b', 1], 'variants["a b"][1]'],
    [[2, 'x'], '[2].x'],
  ])('%j reads %s', (path, text) => {
    expect(toJsonPath(path)).toBe(text);
  });
});

import { WEIGHT_SCALE } from '@yardarm/evaluator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  changesAnything,
  consequenceSentence,
  formatPercent,
  parsePercent,
  percentToWeight,
  type Serve,
  startRollout,
  toRollout,
  weightToPercent,
  withRolloutWeight,
} from './rollout.ts';

const weight = fc.integer({ min: 0, max: WEIGHT_SCALE });

describe('percent and weight', () => {
  test('every weight survives the way to a percentage and back', () => {
    fc.assert(fc.property(weight, (w) => percentToWeight(weightToPercent(w)) === w));
  });

  test('every weight survives being shown and typed again', () => {
    fc.assert(fc.property(weight, (w) => parsePercent(formatPercent(w)) === w));
  });

  test('a greater percentage never gives a smaller weight', () => {
    const percent = fc.double({ min: -10, max: 110, noNaN: true });
    fc.assert(
      fc.property(
        percent,
        percent,
        (a, b) => a <= b === percentToWeight(a) <= percentToWeight(b) || percentToWeight(a) === percentToWeight(b),
      ),
    );
  });

  test('a weight is an integer within the scale, whatever percentage it comes from', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (percent) => {
        const w = percentToWeight(percent);
        return Number.isInteger(w) && w >= 0 && w <= WEIGHT_SCALE;
      }),
    );
  });

  test.each([
    ['25', 25_000],
    ['12.5 %', 12_500],
    ['0,125', 125],
    ['.5', 500],
    ['100%', 100_000],
  ])('%j is typed for a weight of %i', (text, expected) => {
    expect(parsePercent(text)).toBe(expected);
  });

  test.each(['', ' ', '-1', '101', '1e2', 'abc', '5 5', '%', '33.3336', '0.0005', '99.9999', '100.001'])(
    '%j is no percentage',
    (text) => {
      expect(parsePercent(text)).toBeNull();
    },
  );
});

describe('rollout', () => {
  const split = {
    by: 'account',
    salt: 's',
    hash: 2 as const,
    weights: [['on', 25_000, 'ramp'] as [string, number, string], ['off', 75_000] as [string, number]],
  };

  test('a split of two is a rollout of its first variant', () => {
    expect(toRollout({ split })).toMatchObject({ variant: 'on', weight: 25_000, rest: 'off' });
  });

  test('a single variant, a split of three and nothing at all are no rollout', () => {
    expect(toRollout({ variant: 'on' })).toBeNull();
    expect(toRollout(null)).toBeNull();
    expect(
      toRollout({
        split: {
          ...split,
          weights: [
            ['a', 1],
            ['b', 1],
            ['c', 99_998],
          ],
        },
      }),
    ).toBeNull();
  });

  test('a new weight keeps order, unit, salt and labels, and the sum stays whole', () => {
    const rollout = toRollout({ split })!;
    fc.assert(
      fc.property(weight, (w) => {
        expect(withRolloutWeight(rollout, w)).toEqual({
          split: {
            ...split,
            weights: [
              ['on', w, 'ramp'],
              ['off', WEIGHT_SCALE - w],
            ],
          },
        });
      }),
    );
  });

  test('a rollout starts where it moves nobody', () => {
    expect(toRollout(startRollout('off', 'on', 'off'))).toMatchObject({ variant: 'on', weight: 0, rest: 'off' });
    expect(toRollout(startRollout('on', 'on', 'off'))).toMatchObject({ variant: 'on', weight: WEIGHT_SCALE });
  });

  test('says who loses what on the way down, and that nobody does on the way up', () => {
    const rollout = toRollout({ split })!;
    const at = (weight: number) => consequenceSentence({ ...rollout, weight }, rollout);
    expect(at(50_000)).toBe('More get on; nobody who has it loses it.');
    expect(at(10_000)).toBe('Some who have on now will get off.');
    expect(at(0)).toBe('Nobody keeps on: everybody gets off.');
    expect(at(25_000)).toBe('25\u00a0% get on, everybody else off.');
    expect(consequenceSentence({ ...rollout, weight: 0 }, null)).toBe('Nobody gets on: everybody gets off.');
  });
});

describe('changesAnything', () => {
  test('a percentage that leaves everybody where they are changes nothing, until it moves', () => {
    const start = startRollout('on', 'on', 'off');
    expect(changesAnything({ variant: 'on' }, start)).toBe(false);
    expect(changesAnything({ variant: 'off' }, startRollout('off', 'on', 'off'))).toBe(false);
    expect(changesAnything({ variant: 'on' }, withRolloutWeight(toRollout(start)!, 99_999))).toBe(true);
  });

  test('another variant, another weight and another unit change something; the same words do not', () => {
    const half = startRollout('off', 'on', 'off');
    const other: Serve = { split: { ...(half as { split: object }).split, by: 'account' } as never };
    expect(changesAnything({ variant: 'on' }, { variant: 'off' })).toBe(true);
    expect(changesAnything({ variant: 'on' }, null)).toBe(true);
    expect(changesAnything(half, withRolloutWeight(toRollout(half)!, 1))).toBe(true);
    expect(changesAnything(half, other)).toBe(true);
    expect(changesAnything(half, structuredClone(half))).toBe(false);
    expect(changesAnything(null, null)).toBe(false);
  });
});

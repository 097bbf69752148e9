import { compile, explain, type RuleSet } from '@yardarm/evaluator';
import { describe, expect, it } from 'vitest';
import { traceLines } from './trace-lines.ts';

const stamp = { revision: 1, tag: '0'.repeat(16) };
const ruleSet: RuleSet = {
  format: 1,
  project: 'web',
  environment: 'production',
  epoch: 'e',
  revision: 1,
  flags: {
    payments: {
      type: 'boolean',
      variants: { on: true, off: false },
      on: false,
      offVariant: 'off',
      fallthrough: { variant: 'on' },
      ...stamp,
    },
    checkout: {
      type: 'boolean',
      variants: { on: true, off: false },
      on: true,
      offVariant: 'off',
      rules: [
        {
          id: 'gold',
          when: { all: [{ segment: 'beta' }, { attribute: 'plan', op: 'equals', values: ['gold'] }] },
          serve: { variant: 'on' },
        },
      ],
      fallthrough: {
        split: {
          by: 'targetingKey',
          salt: 's',
          hash: 2,
          weights: [
            ['on', 0],
            ['off', 50_000],
            ['on', 50_000],
          ],
        },
      },
      ...stamp,
    },
    region: {
      type: 'boolean',
      variants: { on: true, off: false },
      on: true,
      offVariant: 'off',
      rules: ['a', 'b'].map((id) => ({
        id,
        when: { attribute: 'country', op: 'in', values: Array.from({ length: 300 }, (_, index) => `${id}${index}`) },
        serve: { variant: 'on' },
      })),
      fallthrough: { variant: 'off' },
      ...stamp,
    },
    banner: {
      type: 'boolean',
      variants: { on: true, off: false },
      on: true,
      offVariant: 'off',
      prerequisites: [{ flag: 'payments', variants: ['on'] }],
      fallthrough: { variant: 'on' },
      ...stamp,
    },
  },
  segments: { beta: { include: ['u1'], exclude: [], when: null, ...stamp } },
};
const linesOf = (flag: string, context: object) =>
  traceLines(explain(compile(ruleSet), flag, 'boolean', { ...context }, 0)).map(
    ({ text, passed, depth }) => `${'  '.repeat(depth)}${passed === null ? '' : passed ? '✓ ' : '✗ '}${text}`,
  );

describe('traceLines', () => {
  it('tells each part of a rule with what was seen, and where a split puts the unit', () => {
    expect(linesOf('checkout', { targetingKey: 'u1', plan: 'free' })).toEqual([
      '✓ The flag is on',
      '✗ Rule 1, gold',
      '  ✗ all of',
      '    ✓ in segment beta: u1 is always in it',
      '    ✗ plan is "gold"; seen "free"',
      'What everybody else gets',
      expect.stringMatching(/^Split by targetingKey: u1 is at [\d.]+\s%, which is (on|off)$/),
    ]);
  });

  it('numbers rules as the editor does, and begins a long list of values', () => {
    expect(linesOf('region', { country: 'b299' })).toEqual([
      '✓ The flag is on',
      '✗ Rule 1, a',
      '  ✗ country is one of "a0", "a1", "a2", "a3", "a4" and 295 more; seen "b299"',
      '✓ Rule 2, b',
      '  ✓ country is one of "b0", "b1", "b2", "b3", "b4" and 295 more; seen "b299"',
    ]);
  });

  it('goes into a prerequisite', () => {
    expect(linesOf('banner', {})).toEqual(['✓ The flag is on', '✗ Prerequisite payments: off, needs on', '  ✗ The flag is off']);
  });

  it('says what is missing', () => {
    expect(linesOf('nobody', {})).toEqual(['✗ There is no such flag']);
    expect(linesOf('checkout', {}).at(-1)).toBe('✗ A split by targetingKey, which the context does not have');
  });
});

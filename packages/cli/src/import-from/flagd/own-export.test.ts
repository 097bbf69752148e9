import type { AttributeCondition } from '@yardarm/evaluator';
import { toFlagd } from '@yardarm/evaluator/to-flagd';
import { expect, it } from 'vitest';
import { ruleSetOf } from '../rule-set-of.ts';
import { flagdSource } from './flagd-source.ts';

const asked = (op: AttributeCondition['op'], ...values: readonly (string | number | boolean)[]): AttributeCondition => ({
  ...{ attribute: 'plan', op },
  ...(values.length > 0 && { values }),
});

it.each([
  ...[
    asked('in', 'pro', 5, true),
    asked('not_in', 'pro'),
    asked('not_in', 5, ''),
    asked('contains', 'p', 'r'),
    asked('not_contains', 'p'),
  ],
  ...[
    asked('contains', ''),
    asked('not_contains', ''),
    asked('starts_with', 'p', ''),
    asked('starts_with', ''),
    asked('ends_with', 'o'),
  ],
  ...[asked('lt', 5), asked('gte', 0.5), asked('semver_gte', '1.2.3'), asked('semver_eq', '2.0.0-rc.1'), asked('not_exists')],
])('reads back %j, alone and beside another', (condition) => {
  for (const when of [condition, { all: [{ attribute: 'age', op: 'gt', values: [18] } as AttributeCondition, condition] }]) {
    const rules = [{ id: 'r1', when, serve: { variant: 'on' } }];
    const configuration = { on: true, offVariant: null, prerequisites: [], targets: [], rules, fallthrough: { variant: 'off' } };
    const flag = { key: 'f', type: 'boolean' as const, variants: { on: true, off: false }, configuration };
    const { flags } = toFlagd(ruleSetOf([flag], []));
    const read = flagdSource(JSON.stringify({ flags }), { file: 'flags.json', nowMs: 0 });
    expect(read.left).toEqual([]);
    expect(read.flags[0]?.environments['*']).toMatchObject({ rules });
  }
});

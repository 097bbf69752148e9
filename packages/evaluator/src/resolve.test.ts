import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import { hashValue } from './hash.ts';
import type { EvaluationContext } from './resolution.ts';
import { resolve } from './resolve.ts';
import type { FlagBody, FlagType, RuleSet, SegmentBody, Serve } from './rule-set.ts';
import { asBody, flagWhen, makeFlag, makeRuleSet, makeSegment } from './testing/factories.ts';

function decide(ruleSet: RuleSet, context: EvaluationContext = {}, flag = 'f', type: FlagType = 'boolean') {
  return resolve(compile(ruleSet), flag, type, context, 0);
}
const split = (weights: readonly (readonly [string, number])[], by = 'targetingKey'): Serve => ({
  split: { by, salt: 's', hash: 2, weights },
});
const SERVED_ON = { value: true, variant: 'on', errorCode: undefined };
const SERVED_OFF = { value: false, variant: 'off', errorCode: undefined };
const CODE_DEFAULT = { value: undefined, variant: undefined };
const ALWAYS = { all: [] } as const;
const NEVER = { any: [] } as const;

describe('step 1: unknown and unreadable flags', () => {
  it('answers FLAG_NOT_FOUND for an unknown flag, prototype names included', () => {
    const ruleSet = makeRuleSet({ f: makeFlag() });
    for (const key of ['g', '', '__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(decide(ruleSet, {}, key)).toMatchObject({ ...CODE_DEFAULT, reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' });
    }
  });

  it('finds a flag whose key is a prototype name', () => {
    const ruleSet = makeRuleSet(JSON.parse(JSON.stringify({ toString: makeFlag() }).replace('toString', '__proto__')));
    expect(decide(ruleSet, {}, '__proto__')).toMatchObject(SERVED_ON);
  });

  it.each<readonly [what: string, changes: { readonly [member: string]: unknown }]>([
    ['no variants', { variants: {} }],
    ['a variant of another type', { variants: { on: true, off: 'no' }, offVariant: null }],
    ['an unknown off variant', { offVariant: 'nobody' }],
    ['no off variant', { offVariant: undefined }],
    ['no fallthrough', { fallthrough: undefined }],
    ['an unknown fallthrough variant', { fallthrough: { variant: 'toString' } }],
    ['a fallthrough that is both', { fallthrough: { variant: 'on', ...split([['on', 100_000]]) } }],
    ['an on that is no boolean', { on: 1 }],
    ['weights that sum to less', { fallthrough: split([['on', 99_999]]) }],
    [
      'a negative weight',
      {
        fallthrough: split([
          ['on', 100_001],
          ['off', -1],
        ]),
      },
    ],
    [
      'a broken weight',
      {
        fallthrough: split([
          ['on', 0.5],
          ['off', 99_999.5],
        ]),
      },
    ],
    ['another hash', { fallthrough: { split: { by: 'targetingKey', salt: 's', hash: 3, weights: [['on', 100_000]] } } }],
    ['a split without salt', { fallthrough: { split: { by: 'targetingKey', hash: 2, weights: [['on', 100_000]] } } }],
    ['a target with a key that is no unit', { targets: [{ variant: 'on', keys: [1.5] }] }],
    ['a prerequisite without variants', { prerequisites: [{ flag: 'g', variants: [] }] }],
    ['a feature this reader does not know', { requires: ['time-travel'] }],
    ['rules that are no list', { rules: {} }],
  ])('is PARSE_ERROR with %s, and other flags keep working', (_, changes) => {
    const ruleSet = makeRuleSet({ f: asBody<FlagBody>({ ...makeFlag(), ...changes }), g: makeFlag() });
    expect(decide(ruleSet)).toMatchObject({ ...CODE_DEFAULT, reason: 'ERROR', errorCode: 'PARSE_ERROR' });
    expect(decide(ruleSet, {}, 'g')).toMatchObject(SERVED_ON);
    expect(compile(ruleSet).issues.every(({ kind, key, unreadable }) => kind === 'flag' && key === 'f' && unreadable)).toBe(true);
  });

  it('is PARSE_ERROR for bodies that are no objects', () => {
    for (const body of [null, 7, 'flag', [], true]) {
      expect(decide(makeRuleSet({ f: asBody<FlagBody>(body) }))).toMatchObject({ ...CODE_DEFAULT, errorCode: 'PARSE_ERROR' });
    }
  });

  it('knows no flag of a rule set of another format', () => {
    const ruleSet = asBody<RuleSet>({ ...makeRuleSet({ f: makeFlag() }), format: 2 });
    expect(decide(ruleSet)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
    expect(compile(ruleSet).issues).toEqual([{ code: 'format', path: '/format', kind: 'rule set', key: '', unreadable: true }]);
  });
});

describe('step 2: types', () => {
  it('answers TYPE_MISMATCH before anything else, also for killed and unreadable flags', () => {
    for (const changes of [{}, { on: false }, { rules: asBody<FlagBody['rules']>([null]) }]) {
      const outcome = decide(makeRuleSet({ f: makeFlag(changes) }), {}, 'f', 'string');
      expect(outcome).toMatchObject({ ...CODE_DEFAULT, reason: 'ERROR', errorCode: 'TYPE_MISMATCH' });
    }
  });

  it('serves every type', () => {
    const values = { boolean: true, string: 'x', number: 1.5, object: { list: [1, { a: null }] } } as const;
    for (const [type, value] of Object.entries(values)) {
      const body = makeFlag({ type: type as FlagType, variants: { v: value }, offVariant: null, fallthrough: { variant: 'v' } });
      expect(decide(makeRuleSet({ f: body }), {}, 'f', type as FlagType)).toMatchObject({
        value,
        variant: 'v',
        reason: 'STATIC',
      });
    }
  });

  it('takes neither null nor an array for an object', () => {
    for (const value of [null, []]) {
      const variants = asBody<FlagBody['variants']>({ v: value });
      const body = makeFlag({ type: 'object', variants, offVariant: null, fallthrough: { variant: 'v' } });
      expect(decide(makeRuleSet({ f: body }), {}, 'f', 'object')).toMatchObject({ errorCode: 'PARSE_ERROR' });
    }
  });

  it('gives out object values that nobody can change, apart from the rule set they came in', () => {
    const ruleSet = makeRuleSet({
      f: makeFlag({
        type: 'object',
        variants: JSON.parse('{"v":{"a":{"b":[1]},"__proto__":{"x":1}}}'),
        offVariant: null,
        fallthrough: { variant: 'v' },
      }),
    });
    const before = JSON.stringify(ruleSet);
    const value = decide(ruleSet, {}, 'f', 'object').value as { a: { b: number[] } };
    expect(() => value.a.b.push(2)).toThrow(TypeError);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(Object.isFrozen(ruleSet.flags.f?.variants.v)).toBe(false);
    expect(JSON.stringify(ruleSet)).toBe(before);
  });
});

describe('step 3: the kill switch', () => {
  it('serves the off variant, DISABLED, whatever targets and rules say', () => {
    const body = makeFlag({
      on: false,
      targets: [{ variant: 'on', keys: ['u'] }],
      rules: [{ id: 'r', when: ALWAYS, serve: { variant: 'on' } }],
    });
    expect(decide(makeRuleSet({ f: body }), { targetingKey: 'u' })).toMatchObject({ ...SERVED_OFF, reason: 'DISABLED' });
  });

  it('serves the code default, DISABLED, when there is no off variant', () => {
    expect(decide(makeRuleSet({ f: makeFlag({ on: false, offVariant: null }) }))).toMatchObject({
      ...CODE_DEFAULT,
      reason: 'DISABLED',
      errorCode: undefined,
    });
  });

  it('works for a body that cannot be read, as far as it can be', () => {
    const unreadable = { on: false, rules: [{ nonsense: true }], requires: ['time-travel'] };
    const off = (changes: object) => decide(makeRuleSet({ f: asBody<FlagBody>({ ...makeFlag(), ...unreadable, ...changes }) }));
    expect(off({})).toMatchObject({ ...SERVED_OFF, reason: 'DISABLED' });
    for (const changes of [{ type: 'date' }, { variants: null }, { offVariant: 7 }, { variants: { on: true, off: 'no' } }]) {
      expect(off(changes)).toMatchObject({ ...CODE_DEFAULT, reason: 'DISABLED', errorCode: undefined });
    }
    expect(decide(makeRuleSet({ f: asBody<FlagBody>({ on: false }) }))).toMatchObject({ ...CODE_DEFAULT, reason: 'DISABLED' });
  });
});

describe('step 4: prerequisites', () => {
  const needs = (flag: string, ...variants: string[]) => makeFlag({ prerequisites: [{ flag, variants }] });

  it('lets the flag go on when each yields a listed variant', () => {
    expect(decide(makeRuleSet({ f: needs('g', 'on', 'other'), g: makeFlag() }))).toMatchObject({
      ...SERVED_ON,
      reason: 'DEFAULT',
    });
  });

  it.each<readonly [what: string, g: FlagBody | undefined]>([
    ['yields another variant', makeFlag({ fallthrough: { variant: 'off' } })],
    ['is killed', makeFlag({ on: false })],
    ['yields no variant', makeFlag({ fallthrough: null })],
    [
      'misses its unit',
      makeFlag({
        fallthrough: split([
          ['on', 1],
          ['off', 99_999],
        ]),
      }),
    ],
    ['cannot be read', makeFlag({ variants: {} })],
    ['does not exist', undefined],
    ['fails its own prerequisite', needs('h', 'on')],
  ])('serves the off variant and names the prerequisite when it %s', (_, g) => {
    const flags = { f: makeFlag({ ...needs('g', 'on'), metadata: { owner: 'payments' } }), h: makeFlag({ on: false }) };
    expect(decide(makeRuleSet(g === undefined ? flags : { ...flags, g }))).toMatchObject({
      ...SERVED_OFF,
      reason: 'DISABLED',
      metadata: { owner: 'payments', prerequisite: 'g' },
    });
  });

  it('takes prerequisites of any type, as their own type', () => {
    const g = makeFlag({ type: 'string', variants: { x: 'x' }, offVariant: null, fallthrough: { variant: 'x' } });
    expect(decide(makeRuleSet({ f: needs('g', 'x'), g }))).toMatchObject(SERVED_ON);
  });

  it('is PARSE_ERROR for every flag that reaches a cycle, in whatever order they are asked', () => {
    const ruleSet = makeRuleSet({ f: needs('g', 'on'), g: needs('h', 'on'), h: needs('g', 'on'), i: makeFlag() });
    for (const order of ['fgh', 'hgf', 'gfh']) {
      const rules = compile(ruleSet);
      for (const key of order) expect(resolve(rules, key, 'boolean', {}, 0)).toMatchObject({ errorCode: 'PARSE_ERROR' });
      expect(resolve(rules, 'i', 'boolean', {}, 0)).toMatchObject(SERVED_ON);
    }
    expect(decide(makeRuleSet({ f: needs('f', 'on') }))).toMatchObject({ errorCode: 'PARSE_ERROR' });
  });

  it('is PARSE_ERROR where prerequisites multiply beyond 2000 evaluations, and still answers at once', () => {
    const layers = Array.from({ length: 12 }, (_, layer) => {
      const below = `l${layer - 1}`;
      const prerequisites = Array.from({ length: layer === 0 ? 0 : 10 }, () => ({ flag: below, variants: ['on'] }));
      return [`l${layer}`, makeFlag({ prerequisites })] as const;
    });
    const ruleSet = makeRuleSet(Object.fromEntries(layers));
    expect(decide(ruleSet, {}, 'l3')).toMatchObject(SERVED_ON);
    expect(decide(ruleSet, {}, 'l4')).toMatchObject({ errorCode: 'PARSE_ERROR' });
    expect(decide(ruleSet, {}, 'l11')).toMatchObject({ errorCode: 'PARSE_ERROR' });
  });

  it('follows a chain of 2000 flags', () => {
    const chain = Array.from(
      { length: 2_002 },
      (_, index) => [`c${index}`, index === 0 ? makeFlag() : needs(`c${index - 1}`, 'on')] as const,
    );
    const ruleSet = makeRuleSet(Object.fromEntries(chain));
    expect(decide(ruleSet, {}, 'c2000')).toMatchObject(SERVED_ON);
    expect(decide(ruleSet, {}, 'c2001')).toMatchObject({ errorCode: 'PARSE_ERROR' });
  });
});

describe('step 5: targets', () => {
  const targets = [
    { variant: 'on', keys: ['u1', 42] },
    { variant: 'off', keys: ['u1', 'u2'] },
  ];
  const ruleSet = makeRuleSet({ f: makeFlag({ targets, rules: [{ id: 'r', when: ALWAYS, serve: { variant: 'on' } }] }) });

  it('match the text of the targetingKey; the first target that names it has it; they go before rules', () => {
    expect(decide(ruleSet, { targetingKey: 'u1' })).toMatchObject({ ...SERVED_ON, reason: 'TARGETING_MATCH' });
    expect(decide(ruleSet, { targetingKey: 'u2' })).toMatchObject({ ...SERVED_OFF, reason: 'TARGETING_MATCH' });
    expect(
      decide(makeRuleSet({ f: makeFlag({ targets: [{ variant: 'off', keys: [42] }] }) }), { targetingKey: '42' }),
    ).toMatchObject(SERVED_OFF);
    expect(
      decide(makeRuleSet({ f: makeFlag({ targets: [{ variant: 'off', keys: ['42'] }] }) }), { targetingKey: 42 }),
    ).toMatchObject(SERVED_OFF);
  });

  it('never match what is no unit', () => {
    const named = makeRuleSet({ f: makeFlag({ targets: [{ variant: 'off', keys: ['', 'null', '1.5', 'true'].slice(1) }] }) });
    for (const targetingKey of ['', null, 1.5, true, undefined, {}, ['null']])
      expect(decide(named, { targetingKey })).toMatchObject(SERVED_ON);
  });

  it('compare hashes where they are hashed, in order with those that are not', () => {
    const mixed = [
      { variant: 'off', keys: [hashValue('pepper', 'u1'), hashValue('pepper', '42')], hashed: true },
      { variant: 'on', keys: ['u1', 'u2'] },
    ];
    const hashedSet = makeRuleSet({ f: makeFlag({ targets: mixed }) }, {}, { hashing: { salt: 'pepper' } });
    expect(decide(hashedSet, { targetingKey: 'u1' })).toMatchObject(SERVED_OFF);
    expect(decide(hashedSet, { targetingKey: 42 })).toMatchObject(SERVED_OFF);
    expect(decide(hashedSet, { targetingKey: 'u2' })).toMatchObject({ ...SERVED_ON, reason: 'TARGETING_MATCH' });
    expect(decide(hashedSet, { targetingKey: hashValue('pepper', 'u1') })).toMatchObject({ ...SERVED_ON, reason: 'DEFAULT' });
    expect(decide(makeRuleSet({ f: makeFlag({ targets: mixed }) }))).toMatchObject({ errorCode: 'PARSE_ERROR' });
  });
});

describe('steps 6 and 7: rules and fallthrough', () => {
  it('serve the first rule that matches', () => {
    const rules = [
      { id: 'r1', when: NEVER, serve: { variant: 'on' } },
      { id: 'r2', when: ALWAYS, serve: { variant: 'off' } },
      { id: 'r3', when: ALWAYS, serve: { variant: 'on' } },
    ];
    expect(decide(makeRuleSet({ f: makeFlag({ rules }) }))).toMatchObject({ ...SERVED_OFF, reason: 'TARGETING_MATCH' });
  });

  it('fall through as STATIC only without prerequisites, targets and rules', () => {
    const g = makeFlag();
    expect(decide(makeRuleSet({ f: makeFlag({ rules: [], targets: [], prerequisites: [] }) })).reason).toBe('STATIC');
    for (const changes of [
      { rules: [{ id: 'r', when: NEVER, serve: { variant: 'on' } }] },
      { targets: [{ variant: 'on', keys: [] }] },
      { prerequisites: [{ flag: 'g', variants: ['on'] }] },
    ]) {
      expect(decide(makeRuleSet({ f: makeFlag(changes), g })).reason).toBe('DEFAULT');
    }
  });

  it('give the code default, DEFAULT, where the fallthrough is null', () => {
    expect(decide(makeRuleSet({ f: makeFlag({ fallthrough: null }) }))).toMatchObject({
      ...CODE_DEFAULT,
      reason: 'DEFAULT',
      errorCode: undefined,
    });
  });
});

describe('step 9: segments', () => {
  const inSegment = { f: flagWhen({ segment: 's' }), g: flagWhen({ not: { segment: 's' } }) };
  const segment = makeSegment({
    include: ['u1', 'both', 7],
    exclude: ['u2', 'both'],
    when: { attribute: 'plan', op: 'equals', values: ['pro'] },
  });

  it('hold for included units, never for excluded ones, and by condition for the rest', () => {
    const isIn = (context: EvaluationContext) => decide(makeRuleSet(inSegment, { s: segment }), context).value;
    expect(isIn({ targetingKey: 'u1' })).toBe(true);
    expect(isIn({ targetingKey: 7 })).toBe(true);
    expect(isIn({ targetingKey: '7' })).toBe(true);
    expect(isIn({ targetingKey: 'u2', plan: 'pro' })).toBe(false);
    expect(isIn({ targetingKey: 'both' })).toBe(true);
    expect(isIn({ targetingKey: 'u3', plan: 'pro' })).toBe(true);
    expect(isIn({ targetingKey: 'u3' })).toBe(false);
    expect(isIn({ plan: 'pro' })).toBe(true);
  });

  it('hold for nobody else without a condition', () => {
    const ruleSet = makeRuleSet(inSegment, { s: makeSegment({ include: ['u1'] }) });
    expect([decide(ruleSet, { targetingKey: 'u1' }).value, decide(ruleSet, { targetingKey: 'u2' }).value]).toEqual([true, false]);
  });

  it('compare hashes where the lists are hashed', () => {
    const lists = {
      include: [hashValue('pepper', 'u1'), hashValue('pepper', '7')],
      exclude: [hashValue('pepper', 'u2')],
      hashed: true,
    };
    const ruleSet = makeRuleSet(inSegment, { s: makeSegment({ ...lists, when: ALWAYS }) }, { hashing: { salt: 'pepper' } });
    expect(decide(ruleSet, { targetingKey: 7 }).value).toBe(true);
    expect(decide(ruleSet, { targetingKey: 'u2' }).value).toBe(false);
    expect(decide(ruleSet, { targetingKey: 'u3' }).value).toBe(true);
  });

  it('break the flag where they are missing or unreadable, negated or not', () => {
    const broken: readonly { readonly [key: string]: SegmentBody }[] = [
      {},
      { s: makeSegment({ when: { segment: 't' } }), t: segment },
      { s: makeSegment({ requires: ['x'] }) },
      { s: makeSegment({ hashed: true }) },
      { s: asBody<SegmentBody>(null) },
      { s: asBody<SegmentBody>({ ...segment, when: undefined }) },
    ];
    for (const segments of broken) {
      for (const key of ['f', 'g']) {
        expect(decide(makeRuleSet(inSegment, segments), { targetingKey: 'u1' }, key)).toMatchObject({
          ...CODE_DEFAULT,
          errorCode: 'PARSE_ERROR',
        });
      }
    }
  });

  it('are named in issues at the place of use, which leave the body readable', () => {
    const issues = compile(makeRuleSet({ g: inSegment.g })).issues;
    expect(issues).toEqual([
      { code: 'unknown_segment', path: '/flags/g/rules/0/when/not/segment', kind: 'flag', key: 'g', unreadable: false },
    ]);
  });
});

describe('resolutions', () => {
  it('carry the flat scalars of the metadata, and are frozen', () => {
    const metadata = asBody<FlagBody['metadata']>({ owner: 'payments', beta: true, size: 3, links: ['x'], none: null });
    const outcome = decide(makeRuleSet({ f: makeFlag({ metadata }) }));
    expect(outcome.metadata).toEqual({ owner: 'payments', beta: true, size: 3 });
    expect(Object.isFrozen(outcome) && Object.isFrozen(outcome.metadata)).toBe(true);
  });

  it('are the same object for every evaluation that ends at the same place', () => {
    const rules = compile(makeRuleSet({ f: flagWhen({ attribute: 'plan', op: 'equals', values: ['pro'] }) }));
    const pro = resolve(rules, 'f', 'boolean', { plan: 'pro' }, 0);
    expect(resolve(rules, 'f', 'boolean', { plan: 'pro', targetingKey: 'u' }, 1)).toBe(pro);
    expect(resolve(rules, 'f', 'boolean', {}, 0)).not.toBe(pro);
  });

  it('are GENERAL errors where reading the context throws', () => {
    const rules = compile(makeRuleSet({ f: flagWhen({ attribute: 'plan', op: 'exists' }) }));
    const context = {
      get plan(): string {
        throw new Error('no plan');
      },
    };
    expect(resolve(rules, 'f', 'boolean', context, 0)).toMatchObject({ ...CODE_DEFAULT, reason: 'ERROR', errorCode: 'GENERAL' });
  });
});

import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { resolve } from '../resolve.ts';
import { type Condition, type FlagBody, OPERATORS, type RuleSet, type Split } from '../rule-set.ts';
import { asBody, flagWhen, makeFlag, makeRuleSet, makeSegment } from '../testing/factories.ts';
import { loadFlagd } from '../testing/flagd-oracle.ts';
import { type FlagdFlag, toFlagd } from './to-flagd.ts';

const ROLLOUT: Split = { by: 'targetingKey', salt: 'k3v9', hash: 2, weights: [['on', 25_000], ['off', 75_000]] }; // biome-ignore format: one line

function exportOne(flag: FlagBody, rest: Partial<RuleSet> = {}): FlagdFlag | undefined {
  return toFlagd(makeRuleSet({ ...rest.flags, f: flag }, rest.segments, { hashing: { salt: 'h' } })).flags.f;
}

function obstaclesOf(flag: FlagBody, rest: Partial<RuleSet> = {}): readonly string[] {
  const { flags, obstacles } = toFlagd(makeRuleSet({ ...rest.flags, f: flag }, rest.segments, { hashing: { salt: 'h' } }));
  expect(Object.hasOwn(flags, 'f')).toBe(!Object.hasOwn(obstacles, 'f'));
  return (obstacles.f ?? []).map(({ code, path }) => `${code} ${path}`);
}

describe('a flag without targeting', () => {
  it('serves the variant of its fallthrough to everyone', () => {
    expect(exportOne(makeFlag())).toEqual({ state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on' });
  });

  it('keeps its metadata', () => {
    expect(exportOne(makeFlag({ metadata: { owner: 'payments' } }))?.metadata).toEqual({ owner: 'payments' });
  });

  it('leaves callers their code default without a fallthrough', () => {
    expect(exportOne(makeFlag({ fallthrough: null }))).toMatchObject({ state: 'ENABLED', defaultVariant: null });
  });

  it('needs no targeting for a split with one whole variant', () => {
    const split: Split = { ...ROLLOUT, weights: [['off', 0], ['on', 100_000]] }; // biome-ignore format: one line
    expect(exportOne(makeFlag({ fallthrough: { split } }))).toMatchObject({ defaultVariant: 'on' });
  });
});

describe('a killed flag', () => {
  it('serves its off variant, whatever its rules say', () => {
    const flag = flagWhen({ attribute: 'plan', op: 'matches', values: ['^p'] });
    expect(exportOne({ ...flag, on: false })).toEqual({
      state: 'ENABLED',
      variants: { on: true, off: false },
      defaultVariant: 'off',
    });
  });

  it('is disabled if its off variant is null', () => {
    expect(exportOne(makeFlag({ on: false, offVariant: null }))).toMatchObject({ state: 'DISABLED', defaultVariant: null });
  });

  it('does not need its prerequisites and segments', () => {
    const flag = flagWhen({ segment: 'missing' });
    expect(exportOne({ ...flag, on: false, prerequisites: [{ flag: 'f', variants: ['on'] }] })).toMatchObject({
      defaultVariant: 'off',
    });
  });
});

describe('targeting', () => {
  it('hashes the same text as our own bucketing, and gives nothing without a unit', () => {
    const targeting = JSON.stringify(exportOne(makeFlag({ fallthrough: { split: ROLLOUT } }))?.targeting);
    expect(targeting).toContain('{"fractional":[{"cat":["k3v9:",{"var":"targetingKey"}]},["on",25000],["off",75000]]}');
    expect(targeting).toMatch(/,null\]\}$/);
  });

  it('lists an integer with its text, since either names the unit', () => {
    const flag = makeFlag({ targets: [{ variant: 'off', keys: ['u1', 7, '042'] }] });
    expect(exportOne(flag)?.targeting).toEqual({
      if: [{ in: [{ var: 'targetingKey' }, ['u1', '7', 7, '042']] }, 'off', 'on'],
    });
  });

  it('asks a prerequisite for its variant, and serves the off variant while there is none', () => {
    const flags = { p: makeFlag({ fallthrough: { split: ROLLOUT } }) };
    const flag = makeFlag({ prerequisites: [{ flag: 'p', variants: ['on'] }] });
    const inner = exportOne(flags.p)?.targeting;
    expect(exportOne(flag, { flags })?.targeting).toEqual({ if: [{ '!': [{ in: [inner, ['on']] }] }, 'off', 'on'] });
    expect(exportOne(flag)).toMatchObject({ defaultVariant: 'off' });
    expect(exportOne(flag, { flags: { p: makeFlag() } })).toMatchObject({ defaultVariant: 'on' });
  });

  it('writes segments out', () => {
    const segments = { s: makeSegment({ include: ['u1'], exclude: ['u2'], when: { attribute: 'beta', op: 'exists' } }) };
    expect(exportOne(flagWhen({ segment: 's' }), { segments })?.targeting).toEqual({
      if: [
        {
          or: [
            { in: [{ var: 'targetingKey' }, ['u1']] },
            { and: [{ '!': [{ in: [{ var: 'targetingKey' }, ['u2']] }] }, { '!==': [{ var: 'beta' }, null] }] },
          ],
        },
        'on',
        'off',
      ],
    });
  });

  it('never compares without a guard of the type', () => {
    expect(exportOne(flagWhen({ attribute: 'age', op: 'gte', values: [18] }))?.targeting).toEqual({
      if: [
        {
          some: [
            { merge: [{ var: 'age' }] },
            {
              and: [
                { '!': [{ '===': [{ cat: [{ var: '' }, ''] }, { var: '' }] }] },
                { in: [{ var: '' }, { merge: [{ var: '' }] }] },
                { in: [{ substr: [{ cat: [{ var: '' }, '!'] }, 0, 1] }, '-0123456789'] },
                { '>=': [{ var: '' }, 18] },
              ],
            },
          ],
        },
        'on',
        'off',
      ],
    });
  });
});

describe('obstacles', () => {
  const when = (condition: Condition) => obstaclesOf(flagWhen(condition));

  it.each(['matches', 'not_matches', 'before', 'after', 'ip_in_range'] as const)('are operators that flagd lacks: %s', (op) => {
    const value = op === 'ip_in_range' ? '10.0.0.0/8' : op.endsWith('matches') ? 'a' : 1_000;
    expect(when({ attribute: 'a', op, values: [value] })).toEqual(['operator /flags/f/rules/0/when/op']);
    expect(OPERATORS).toContain(op);
  });

  it('are letters without case, but not texts without letters', () => {
    const condition = { attribute: 'a', op: 'equals', ignoreCase: true } as const;
    expect(when({ ...condition, values: ['1-2', 'é'] })).toEqual(['ignore_case /flags/f/rules/0/when/ignoreCase']);
    expect(when({ ...condition, values: ['1-2', 3] })).toEqual([]);
  });

  it.each([
    'plan.length',
    'tags.0',
    '__proto__',
    'a.__proto__.b',
    'toString.name',
    'a.at.name',
    'a..b',
    '.a',
    '$flagd.flagKey',
    'a\\.b',
  ])('are paths that flagd reads otherwise: %s', (attribute) => {
    expect(when({ attribute, op: 'exists' })).toEqual(['attribute /flags/f/rules/0/when/attribute']);
  });

  it.each(['length', 'toString', 'a.at', 'user.name', 'a.constructor'])('are not paths that only look so: %s', (attribute) => {
    expect(when({ attribute, op: 'exists' })).toEqual([]);
  });

  it('are versions beyond what flagd reads', () => {
    const atLeast = (version: string) => when({ attribute: 'v', op: 'semver_gte', values: [version] });
    expect(atLeast('9007199254740993.0.0')).toEqual(['version /flags/f/rules/0/when/values/0']);
    expect(atLeast('1.0.0-9007199254740993')).toEqual(['version /flags/f/rules/0/when/values/0']);
    expect(atLeast(`1.0.0-${'a'.repeat(300)}`)).toEqual(['version /flags/f/rules/0/when/values/0']);
    expect(atLeast(`1.0.0+${'a'.repeat(300)}`)).toEqual([]);
  });

  it('are instants within a second', () => {
    expect(when({ now: 'after', values: [1_500] })).toEqual(['instant /flags/f/rules/0/when/values/0']);
    expect(when({ now: 'after', values: [2_000] })).toEqual([]);
  });

  it('are salts that only some of its providers hash as we do', () => {
    const flag = makeFlag({ fallthrough: { split: { ...ROLLOUT, salt: 'sält' } } });
    expect(obstaclesOf(flag)).toEqual(['salt /flags/f/fallthrough/split/salt']);
  });

  it('are hashed lists of a client view', () => {
    const hash = '0123456789abcdef';
    expect(when({ attribute: 'a', op: 'equals', values: [hash], hashed: true })).toEqual(['hashed /flags/f/rules/0/when/hashed']);
    expect(obstaclesOf(makeFlag({ targets: [{ variant: 'on', keys: [hash], hashed: true }] }))).toEqual([
      'hashed /flags/f/targets/0/hashed',
    ]);
    const segments = { s: makeSegment({ include: [hash], hashed: true }) };
    expect(obstaclesOf(flagWhen({ all: [{ segment: 's' }, { segment: 's' }] }), { segments })).toEqual([
      'hashed /segments/s/hashed',
    ]);
  });

  it('are names and values that a definition cannot carry', () => {
    const variants = { '': true, on: true, off: false };
    expect(obstaclesOf(makeFlag({ variants }))).toEqual(['variant /flags/f/variants/']);
    const infinite = makeFlag({
      type: 'object',
      variants: { 'a/b': { n: [Number.POSITIVE_INFINITY] } },
      offVariant: null,
      fallthrough: null,
    });
    expect(obstaclesOf(infinite)).toEqual(['variant /flags/f/variants/a~1b']);
    expect(toFlagd(makeRuleSet({ '': makeFlag(), 'a\nb': makeFlag() })).obstacles).toEqual({
      '': [{ code: 'key', path: '/flags/' }],
      'a\nb': [{ code: 'key', path: '/flags/a\nb' }],
    });
  });

  it('are those of a prerequisite', () => {
    const flags = { p: flagWhen({ attribute: 'a', op: 'matches', values: ['a'] }) };
    const flag = makeFlag({ prerequisites: [{ flag: 'p', variants: ['on'] }] });
    expect(obstaclesOf(flag, { flags })).toEqual(['prerequisite /flags/f/prerequisites/0/flag']);
    expect(obstaclesOf({ ...flag, on: false }, { flags })).toEqual([]);
    for (const broken of [null, 7, { ...makeFlag(), prerequisites: 7 }, { ...makeFlag(), prerequisites: [null] }])
      expect(obstaclesOf(flag, { flags: { p: asBody(broken) } })).toEqual(['prerequisite /flags/f/prerequisites/0/flag']);
  });

  it('are bodies that cannot be read here either', () => {
    expect(obstaclesOf(asBody(null))).toContain('unreadable /flags/f');
    expect(obstaclesOf(flagWhen({ segment: 'missing' }))).toEqual(['unreadable /flags/f/rules/0/when/segment']);
    expect(obstaclesOf(makeFlag({ prerequisites: [{ flag: 'f', variants: ['on'] }] }))).toEqual([
      'unreadable /flags/f/prerequisites',
    ]);
  });

  it('are all named, not only the first', () => {
    const condition = {
      all: [
        { attribute: 'a', op: 'matches', values: ['a'] },
        { now: 'after', values: [1] },
      ],
    } as const;
    expect(when(condition)).toEqual(['operator /flags/f/rules/0/when/all/0/op', 'instant /flags/f/rules/0/when/all/1/values/0']);
  });

  it('are chains of prerequisites that no reader would get through', () => {
    const links = Array.from({ length: 1_000 }, (_, index) => {
      const prerequisites = index === 0 ? [] : [{ flag: String(index - 1), variants: ['on'] }];
      return [String(index), makeFlag({ prerequisites, fallthrough: { split: ROLLOUT } })] as const;
    });
    const { flags, obstacles } = toFlagd(makeRuleSet(Object.fromEntries(links)));
    expect(Object.keys(flags)).toEqual(Array.from({ length: 17 }, (_, index) => String(index)));
    expect(obstacles['17']).toEqual([{ code: 'size', path: '/flags/17/prerequisites' }]);
    expect(obstacles['18']).toEqual([{ code: 'size', path: '/flags/18/prerequisites' }]);
  });

  it('are trees of prerequisites that grow beyond measure', () => {
    const keys = Array.from({ length: 30_000 }, (_, index) => `user-${index}`);
    const links = Array.from({ length: 8 }, (_, level) => {
      const below = { flag: String(level - 1), variants: ['on'] };
      const targets = [{ variant: 'off', keys }];
      return [String(level), makeFlag({ prerequisites: level === 0 ? [] : [below, below], targets })] as const;
    });
    const { flags, obstacles } = toFlagd(makeRuleSet(Object.fromEntries(links)));
    expect(Object.keys(flags)).toEqual(['0', '1', '2']);
    expect(obstacles['3']).toEqual([{ code: 'size', path: '/flags/3' }]);
    expect(obstacles['4']?.map(({ code }) => code)).toContain('prerequisite');
  });
});

describe('what flagd answers differently, as docs/flagd.md says', () => {
  const answers = (flag: FlagBody, context: { readonly [attribute: string]: unknown }) => {
    const ruleSet = makeRuleSet({ f: flag });
    const flagd = loadFlagd(toFlagd(ruleSet), false, (complaint) => expect.fail(complaint));
    return [
      resolve(compile(ruleSet), 'f', 'boolean', context, 0).variant,
      flagd.resolve('boolean', 'f', false, context as never).variant,
    ];
  };

  it('a list of versions matches here if any of them does, and not in flagd', () => {
    const flag = flagWhen({ attribute: 'v', op: 'semver_gte', values: ['2'] });
    expect(answers(flag, { v: '2.1' })).toEqual(['on', 'on']);
    expect(answers(flag, { v: ['2.1'] })).toEqual(['on', 'off']);
  });

  it('a partial version with a suffix is a version here only', () => {
    const flag = flagWhen({ attribute: 'v', op: 'semver_gte', values: ['1.0.0'] });
    expect(answers(flag, { v: '1.2-rc.1' })).toEqual(['on', 'off']);
  });

  it('flagd in JavaScript hashes other bytes where a unit is not ASCII', () => {
    const flag = makeFlag({ fallthrough: { split: { ...ROLLOUT, weights: [['on', 50_000], ['off', 50_000]] } } }); // biome-ignore format: one line
    const units = Array.from({ length: 50 }, (_, index) => `ünit-${index}`);
    expect(units.some((unit) => new Set(answers(flag, { targetingKey: unit })).size === 2)).toBe(true);
  });

  it('an attribute that holds an object with a member named toString makes flagd give up', () => {
    const flag = flagWhen({ attribute: 'age', op: 'gt', values: [1] });
    expect(answers(flag, { age: { toString: 1 } })).toEqual(['off', undefined]);
  });
});

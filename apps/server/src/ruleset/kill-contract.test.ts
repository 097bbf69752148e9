/**
 * The kill path, for every kind of rule there is and some that there are not yet: a kill is in `/sync/v1/kills` and in the
 * delta, and either alone turns an SDK off that can read nothing else of the flag.
 */
import { compile, type FlagConfiguration, OPERATORS, type RuleSet, resolve } from '@yardarm/evaluator';
import { applyDelta, applyKills, type DeltaMessage, type KillsAnswer, loadRuleSet, parseRuleSet, type View } from '@yardarm/sync';
import { describe, expect, test } from 'vitest';
import { renderRuleSet, tagOf, toStoredText } from './build.ts';
import { advanceRules, type StoredObject, startRules } from './environment-rules.ts';
import { renderKillsAnswer } from './render-kills-answer.ts';
import { renderDelta, viewState } from './rule-set-view.ts';

const WHO = { environmentId: '8f3c5a52-0d5c-4a0e-9a3e-0a1f5f1f8a01', project: 'shop', environment: 'production' };
const EPOCH = '1-a';
const PLAIN: FlagConfiguration = {
  type: 'boolean',
  variants: { on: true, off: false },
  on: true,
  offVariant: 'off',
  fallthrough: { variant: 'on' },
  clientSide: true,
};
const SPLIT = {
  by: 'targetingKey',
  salt: 's',
  hash: 2,
  weights: [
    ['on', 50_000],
    ['off', 50_000],
  ],
};
const VALUES = [['a'], [7], ['1.0.0'], ['10.0.0.0/8'], ['2027-01-31T12:00:00Z'], ['('], []];

const rule = (when: unknown, serve: unknown = { variant: 'on' }) => ({ rules: [{ id: 'r', when, serve }] });
/** Parts of a flag's configuration, by what they are. */
const RULES: readonly (readonly [name: string, parts: object])[] = [
  ['nothing but a fallthrough', {}],
  ['targets', { targets: [{ variant: 'on', keys: ['u', 7] }] }],
  ['a prerequisite', { prerequisites: [{ flag: 'other', variants: ['on'] }] }],
  ['a segment', rule({ segment: 'beta' })],
  ['a segment that is missing', rule({ segment: 'missing' })],
  ['a split', { fallthrough: { split: SPLIT } }],
  ['a split in a rule', rule({ attribute: 'plan', op: 'exists' }, { split: SPLIT })],
  ['a time', rule({ now: 'after', values: ['2027-01-31T12:00:00Z'] })],
  ['nested conditions', rule({ all: [{ any: [{ not: { segment: 'beta' } }] }] })],
  ['no fallthrough', { fallthrough: null }],
  ...OPERATORS.flatMap((op) =>
    VALUES.map((values) => [`${op} ${JSON.stringify(values)}`, rule({ attribute: 'targetingKey', op, values })] as const),
  ),
  ['something that it requires', { requires: ['time-travel'] }],
  ['a condition that nobody knows yet', rule({ mood: 'good' })],
  ['no condition', { rules: [{ nonsense: true }] }],
  ['rules that are no list', { rules: { nonsense: true } }],
  ['prerequisites that are no list', { prerequisites: 7 }],
  ['targets that nobody knows yet', { targets: [{ cohort: 'early' }] }],
  ['another way to serve', { fallthrough: { bandit: 7 } }],
];
/** A client view withholds a flag that depends on what it does not show: there is nothing to kill. */
const SERVER_ONLY: typeof RULES = [
  ['a prerequisite that is missing', { prerequisites: [{ flag: 'missing', variants: ['on'] }] }],
];

function stored(revision: number, key: string, configuration: object): StoredObject {
  const body = toStoredText(configuration as FlagConfiguration);
  return { revision, kind: key === 'beta' ? 'segment' : 'flag', key, body, tag: tagOf(body) };
}

/** The environment before and after the kill of `flag`, at revisions 1 and 2. */
function kill(parts: object, offVariant: string | null) {
  const flag = { ...PLAIN, ...parts, offVariant };
  const before = startRules(WHO, { epoch: EPOCH, revision: 1 }, [
    stored(1, 'other', PLAIN),
    stored(1, 'beta', { include: ['u'], exclude: [], when: null }),
    stored(1, 'flag', { ...PLAIN, offVariant }),
  ]);
  return { before, after: advanceRules(before, 2, [stored(2, 'flag', { ...flag, on: false })]) };
}

describe.each<View>(['server', 'client'])('a kill in the %s view', (name) => {
  test.each(name === 'server' ? [...RULES, ...SERVER_ONLY] : RULES)(
    'of a flag with %s reaches an SDK that cannot read its body',
    (_name, parts) => {
      for (const offVariant of ['off', null]) {
        const { before, after } = kill(parts, offVariant);
        const view = after.views[name];
        const answer = JSON.parse(renderKillsAnswer(view)) as KillsAnswer;
        const expected = { key: 'flag', offVariant, revision: 2 };
        expect(answer).toEqual({ epoch: EPOCH, revision: 2, off: [expected] });
        const delta = JSON.parse(renderDelta(view, 1) ?? '') as DeltaMessage;
        expect(delta.kill).toEqual([expected]);

        const parsed = parseRuleSet(renderRuleSet(before.views[name].header, before.views[name].bodies.values()));
        if ('type' in parsed) throw new Error(parsed.problem);
        const { store } = loadRuleSet(parsed, null);
        const unreadable = delta.put.map((put) => ({ ...put, body: { tag: put.body.tag, revision: put.body.revision } }));
        const byDelta = applyDelta(store, { ...delta, put: unreadable as unknown as DeltaMessage['put'] });
        const byAnswer = applyKills(store, answer.epoch, answer.off);
        for (const reached of [byDelta.store, byAnswer.store]) {
          const resolution = resolve(reached.rules, 'flag', 'boolean', { targetingKey: 'u' }, 0);
          expect(resolution.reason).toBe('DISABLED');
          expect(resolution.value).toBe(offVariant === null ? undefined : false);
        }
      }
    },
  );
});

describe.each([
  ['a list that is none', { include: { list: 'x' }, exclude: [], when: null }],
  ['a text for a condition', { include: [], exclude: [], when: 'weekends' }],
  ['no condition', { include: [], exclude: [] }],
  ['parts that are no list', { include: [], exclude: [], when: { all: 'plans' } }],
  ['values that are no list', { include: [], exclude: [], when: { attribute: 'plan', op: 'equals', values: { gold: true } } }],
])('a segment with %s, of a newer server', (_name, segment) => {
  const flag = { ...PLAIN, rules: [{ id: 'r', when: { segment: 'beta' }, serve: { variant: 'on' } }] };
  const before = startRules(WHO, { epoch: EPOCH, revision: 1 }, [
    stored(1, 'beta', { include: ['u'], exclude: [], when: null }),
    stored(1, 'flag', flag),
  ]);

  test.each<View>(['server', 'client'])('holds up no kill in the %s view, and no other flag', (name) => {
    const changed = advanceRules(before, 2, [stored(2, 'beta', segment), stored(2, 'other', PLAIN)]);
    const after = advanceRules(changed, 3, [stored(3, 'flag', { ...flag, on: false })]);
    const whole = startRules(WHO, { epoch: EPOCH, revision: 2 }, [
      stored(1, 'flag', flag),
      stored(2, 'beta', segment),
      stored(2, 'other', PLAIN),
    ]);
    expect(viewState(whole.views[name])).toEqual(viewState(changed.views[name]));
    const delta = JSON.parse(renderDelta(after.views[name], 2) ?? '') as DeltaMessage;
    expect(delta).toMatchObject({ from: 2, to: 3, kill: [{ key: 'flag', offVariant: 'off', revision: 3 }] });
    expect(JSON.parse(renderDelta(after.views[name], 1) ?? '')).toMatchObject({ to: 3, kill: [{ key: 'flag' }] });
  });

  test.each<View>(['server', 'client'])('leaves the flag that uses it to its code default in the %s view', (name) => {
    const { header, bodies } = advanceRules(before, 2, [stored(2, 'beta', segment)]).views[name];
    const rules = compile(JSON.parse(renderRuleSet(header, bodies.values())) as RuleSet);
    expect(resolve(rules, 'flag', 'boolean', { targetingKey: 'u' }, 0)).toMatchObject({ reason: 'ERROR' });
  });
});

test('only flags of the view that are off are told, sorted by key', () => {
  const objects = [
    stored(1, 'z', { ...PLAIN, on: false }),
    stored(1, 'a', { ...PLAIN, on: false, offVariant: null }),
    stored(1, 'on', PLAIN),
    stored(1, 'hidden', { ...PLAIN, on: false, clientSide: false }),
  ];
  const { views } = startRules(WHO, { epoch: EPOCH, revision: 1 }, objects);
  const keysIn = (view: View) => (JSON.parse(renderKillsAnswer(views[view])) as KillsAnswer).off.map(({ key }) => key);
  expect(keysIn('server')).toEqual(['a', 'hidden', 'z']);
  expect(keysIn('client')).toEqual(['a', 'z']);
});

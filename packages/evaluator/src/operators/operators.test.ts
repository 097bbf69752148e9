import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { hashValue } from '../hash.ts';
import { resolve } from '../resolve.ts';
import type { AttributeCondition, Condition } from '../rule-set.ts';
import { flagWhen, makeRuleSet } from '../testing/factories.ts';

/** Whether the condition holds for a context whose attribute `a` is `value`. */
function holds(condition: Omit<AttributeCondition, 'attribute'>, value: unknown): boolean {
  return judge({ attribute: 'a', ...condition }, { a: value });
}

function judge(condition: Condition, context: { readonly [attribute: string]: unknown }): boolean {
  const rules = compile(makeRuleSet({ f: flagWhen(condition) }, {}, { hashing: { salt: 'pepper' } }));
  expect(rules.issues).toEqual([]);
  const { value, errorCode } = resolve(rules, 'f', 'boolean', context, 0);
  expect(errorCode).toBeUndefined();
  return value === true;
}

/** Issue codes of a flag with this condition; empty if it is readable. */
function issuesOf(condition: { readonly [member: string]: unknown }): readonly string[] {
  return compile(makeRuleSet({ f: flagWhen(condition as unknown as Condition) })).issues.map(({ code }) => code);
}

type Case = readonly [op: AttributeCondition['op'], values: AttributeCondition['values'], value: unknown, expected: boolean];

describe('equality operators', () => {
  const many = Array.from({ length: 50 }, (_, index) => `u${index}`);
  it.each<Case>([
    ['equals', ['pro'], 'pro', true],
    ['equals', ['pro'], 'Pro', false],
    ['equals', [7], 7, true],
    ['equals', [7], '7', false],
    ['equals', ['7'], 7, false],
    ['equals', [0], -0, true],
    ['equals', [true], true, true],
    ['equals', [true], 'true', false],
    ['not_equals', ['pro'], 'free', true],
    ['not_equals', ['pro'], 'pro', false],
    ['in', ['a', 7, true], 7, true],
    ['in', many, 'u49', true],
    ['in', many, 'u50', false],
    ['not_in', many, 'u50', true],
    ['not_in', many, 'u0', false],
    ['in', ['__proto__', 'constructor'], '__proto__', true],
  ])('%s %j on %j is %j', (op, values, value, expected) => expect(holds({ op, values }, value)).toBe(expected));

  it('takes a type that no value has as wrong, for the negated operators too', () => {
    for (const op of ['equals', 'not_equals', 'in', 'not_in'] as const) {
      for (const value of [7, true, null, undefined, {}, new Date(0), Number.NaN, 7n, Symbol('a'), () => 'a']) {
        expect(holds({ op, values: ['a'] }, value)).toBe(false);
      }
      expect(holds({ op, values: [1] }, Number.NaN)).toBe(false);
    }
  });

  it('ignores case when asked, on both sides', () => {
    expect(holds({ op: 'in', values: ['ADA', 'bob'], ignoreCase: true }, 'Ada')).toBe(true);
    expect(holds({ op: 'not_equals', values: ['ADA'], ignoreCase: true }, 'ada')).toBe(false);
  });

  it('compares hashes where the values are hashed, lower-cased first under ignoreCase', () => {
    const hashed = { values: [hashValue('pepper', 'ada@example.com'), 7], hashed: true };
    expect(holds({ op: 'in', ...hashed }, 'ada@example.com')).toBe(true);
    expect(holds({ op: 'in', ...hashed }, 'Ada@example.com')).toBe(false);
    expect(holds({ op: 'in', ...hashed, ignoreCase: true }, 'Ada@example.com')).toBe(true);
    expect(holds({ op: 'not_in', ...hashed }, 'bob@example.com')).toBe(true);
    expect(holds({ op: 'in', ...hashed }, 7)).toBe(true);
    expect(holds({ op: 'in', ...hashed }, hashValue('pepper', 'ada@example.com'))).toBe(false);
  });

  it('refuses hashed values without a salt, and on operators that cannot compare hashes', () => {
    expect(issuesOf({ attribute: 'a', op: 'in', values: ['x'], hashed: true })).toEqual(['unsalted']);
    expect(issuesOf({ attribute: 'a', op: 'starts_with', values: ['x'], hashed: true })).toEqual(['unsupported']);
  });
});

describe('text operators', () => {
  it.each<Case>([
    ['contains', ['ell'], 'hello', true],
    ['contains', ['x', 'lo'], 'hello', true],
    ['contains', ['L'], 'hello', false],
    ['not_contains', ['x'], 'hello', true],
    ['not_contains', ['x', 'h'], 'hello', false],
    ['starts_with', ['he'], 'hello', true],
    ['starts_with', ['lo'], 'hello', false],
    ['ends_with', ['@example.com'], 'a@example.com', true],
    ['ends_with', ['@example.com'], 'a@example.com.evil', false],
    ['matches', ['^h.l'], 'hello', true],
    ['matches', ['l{2}'], 'hello', true],
    ['matches', ['^x', 'o$'], 'hello', true],
    ['matches', ['^.$'], '😀', true],
    ['not_matches', ['^x'], 'hello', true],
    ['not_matches', ['^h'], 'hello', false],
  ])('%s %j on %j is %j', (op, values, value, expected) => expect(holds({ op, values }, value)).toBe(expected));

  it('ignores case when asked', () => {
    expect(holds({ op: 'contains', values: ['ELL'], ignoreCase: true }, 'hEllo')).toBe(true);
    expect(holds({ op: 'matches', values: ['^HE'], ignoreCase: true }, 'hello')).toBe(true);
    expect(holds({ op: 'matches', values: ['^HE'] }, 'hello')).toBe(false);
  });

  it('takes anything but a string as wrong, for the negated operators too', () => {
    for (const op of ['contains', 'not_contains', 'matches', 'not_matches'] as const) {
      for (const value of [7, true, null, undefined, {}, new Date(0)]) expect(holds({ op, values: ['z'] }, value)).toBe(false);
    }
  });

  it('gives the same answer however often a pattern is tried', () => {
    const rules = compile(makeRuleSet({ f: flagWhen({ attribute: 'a', op: 'matches', values: ['l'] }) }));
    const answers = [1, 2, 3].map(() => resolve(rules, 'f', 'boolean', { a: 'hello' }, 0).value);
    expect(answers).toEqual([true, true, true]);
  });

  it('tries patterns on 1024 characters at most; a longer text is of the wrong type, negated or not', () => {
    expect(holds({ op: 'matches', values: ['^a'] }, 'a'.repeat(1_024))).toBe(true);
    expect(holds({ op: 'matches', values: ['^a'] }, 'a'.repeat(1_025))).toBe(false);
    expect(holds({ op: 'not_matches', values: ['^b'] }, 'a'.repeat(1_025))).toBe(false);
  });

  it('refuses what is no regular expression under flag u', () => {
    expect(issuesOf({ attribute: 'a', op: 'matches', values: ['('] })).toEqual(['pattern']);
    expect(issuesOf({ attribute: 'a', op: 'matches', values: ['\\-'] })).toEqual(['pattern']);
  });
});

describe('number operators', () => {
  it.each<Case>([
    ['lt', [5], 4.9, true],
    ['lt', [5], 5, false],
    ['lte', [5], 5, true],
    ['gt', [5], 5, false],
    ['gt', [-1], 0, true],
    ['gte', [5], 5, true],
    ['gte', [5], 4, false],
    ['gte', [5], '6', false],
    ['lt', [5], null, false],
    ['lt', [5], Number.NaN, false],
    ['lt', [5], Number.NEGATIVE_INFINITY, false],
    ['gt', [5], Number.POSITIVE_INFINITY, false],
  ])('%s %j on %j is %j', (op, values, value, expected) => expect(holds({ op, values }, value)).toBe(expected));

  it('takes exactly one number', () => {
    for (const values of [[], [1, 2], ['1'], [true]]) expect(issuesOf({ attribute: 'a', op: 'lt', values })).toEqual(['values']);
  });
});

describe('date operators', () => {
  const noon = Date.UTC(2027, 0, 31, 12);
  it.each<Case>([
    ['before', ['2027-01-31T12:00:00Z'], noon - 1, true],
    ['before', ['2027-01-31T12:00:00Z'], noon, false],
    ['after', ['2027-01-31T12:00:00Z'], noon, false],
    ['after', ['2027-01-31T12:00:00Z'], noon + 1, true],
    ['after', [noon], new Date(noon + 1), true],
    ['after', [noon], new Date(Number.NaN), false],
    ['after', [noon], '2027-01-31T12:00:00.001Z', true],
    ['after', [noon], '2027-01-31T12:00:00.0009Z', false],
    ['after', [noon], '2027-01-31t11:30:00-01:00', true],
    ['after', [noon], '2027-01-31 13:00:00+01:00', false],
    ['before', [noon], '2027-01-31T13:00:00+01:30', true],
    ['before', [noon], '0050-01-01T00:00:00Z', true],
    ['after', [Date.UTC(2016, 11, 31, 23, 59, 59)], '2016-12-31T23:59:60Z', true],
    ['before', [noon], '2024-02-29T00:00:00Z', true],
    ['before', [noon], '2023-02-29T00:00:00Z', false],
    ['before', [noon], '2024-13-01T00:00:00Z', false],
    ['before', [noon], '2024-01-01T24:00:00Z', false],
    ['before', [noon], '2024-01-01T00:60:00Z', false],
    ['before', [noon], '2024-01-01T00:00:00', false],
    ['before', [noon], '2024-01-01', false],
    ['before', [noon], 'Jan 1 2024', false],
    ['before', [noon], true, false],
  ])('%s %j on %j is %j', (op, values, value, expected) => expect(holds({ op, values }, value)).toBe(expected));

  it('takes exactly one instant', () => {
    for (const values of [[], [1, 2], ['soon'], ['2027-02-30T00:00:00Z']]) {
      expect(issuesOf({ attribute: 'a', op: 'before', values })).toEqual(['values']);
    }
  });
});

describe('version operators', () => {
  /** The order of clause 11 of SemVer 2.0, with numbers beyond 2^53 at the end. */
  const ascending = [
    '0.0.0-0', '0.9', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1',
    '1.0.0', '1.0.1', '1.2', '1.10.0', '2.0.0-x', '2', '99999999999999999998.0.0', '99999999999999999999.0.0',
  ]; // biome-ignore format: one scale

  it('orders versions as SemVer 2.0 does', () => {
    for (const [left, version] of ascending.entries()) {
      for (const [right, bound] of ascending.entries()) {
        expect([version, bound, holds({ op: 'semver_lt', values: [bound] }, version)]).toEqual([version, bound, left < right]);
        expect([version, bound, holds({ op: 'semver_lte', values: [bound] }, version)]).toEqual([version, bound, left <= right]);
        expect([version, bound, holds({ op: 'semver_gt', values: [bound] }, version)]).toEqual([version, bound, left > right]);
        expect([version, bound, holds({ op: 'semver_gte', values: [bound] }, version)]).toEqual([version, bound, left >= right]);
        expect([version, bound, holds({ op: 'semver_eq', values: [bound] }, version)]).toEqual([version, bound, left === right]);
      }
    }
  });

  it.each<Case>([
    ['semver_eq', ['1.2.0'], 'v1.2', true],
    ['semver_eq', ['v1'], '1.0.0', true],
    ['semver_eq', ['1.2.3'], '1.2.3+build.5', true],
    ['semver_eq', ['1.2.3-rc.1+a'], '1.2.3-rc.1+b', true],
    ['semver_gte', ['0.0.0'], '01.2.3', false],
    ['semver_gte', ['0.0.0'], '1.2.3-01', false],
    ['semver_gte', ['0.0.0'], '1.2.3.4', false],
    ['semver_gte', ['0.0.0'], '1.', false],
    ['semver_gte', ['0.0.0'], '', false],
    ['semver_gte', ['0.0.0'], 'latest', false],
    ['semver_gte', ['0.0.0'], 2, false],
  ])('%s %j on %j is %j', (op, values, value, expected) => expect(holds({ op, values }, value)).toBe(expected));

  it('takes exactly one version', () => {
    for (const values of [[], ['1', '2'], ['latest'], [1]])
      expect(issuesOf({ attribute: 'a', op: 'semver_eq', values })).toEqual(['values']);
  });
});

describe('ip_in_range', () => {
  it.each<readonly [values: readonly string[], value: unknown, expected: boolean]>([
    [['10.0.0.0/8'], '10.255.3.4', true],
    [['10.0.0.0/8'], '11.0.0.0', false],
    [['10.0.0.77/8'], '10.1.1.1', true],
    [['192.168.4.0/22'], '192.168.7.255', true],
    [['192.168.4.0/22'], '192.168.8.0', false],
    [['0.0.0.0/0'], '8.8.8.8', true],
    [['1.2.3.4'], '1.2.3.4', true],
    [['1.2.3.4/32'], '1.2.3.5', false],
    [['11.0.0.0/8', '10.0.0.0/8'], '10.0.0.1', true],
    [['2001:db8::/32'], '2001:DB8:1::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['2001:db8::/33'], '2001:db8:8000::', false],
    [['::1'], '0:0:0:0:0:0:0:1', true],
    [['::/0'], 'fe80::1', true],
    [['::/0'], '10.0.0.1', false],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
    [['::ffff:10.0.0.0/104'], '10.1.2.3', true],
    [['64:ff9b::/96'], '64:ff9b::192.0.2.33', true],
    [['1:2:3:4:5:6:7:8'], '1:2:3:4:5:6:7:8', true],
    [['10.0.0.0/8'], '10.0.0', false],
    [['10.0.0.0/8'], '10.0.0.01', false],
    [['10.0.0.0/8'], '10.0.0.256', false],
    [['::/0'], '1::2::3', false],
    [['::/0'], ':1', false],
    [['::/0'], '1:2:3:4:5:6:7', false],
    [['::/0'], '1:2:3:4:5:6:7::8', false],
    [['::/0'], '1.2.3.4::', false],
    [['::/0'], 'fe80::1%eth0', false],
    [['::/0'], '12345::', false],
    [['0.0.0.0/0'], 167_772_161, false],
  ])('%j holds %j: %j', (values, value, expected) => expect(holds({ op: 'ip_in_range', values }, value)).toBe(expected));

  it('refuses what is no range', () => {
    for (const value of ['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-1', 'localhost', '', 7]) {
      expect(issuesOf({ attribute: 'a', op: 'ip_in_range', values: [value] })).toEqual(['values']);
    }
  });
});

describe('exists and not_exists', () => {
  it('test presence: null, undefined and what JSON cannot carry are absent', () => {
    for (const value of ['', 'x', 0, false, [], {}, new Date(0)]) {
      expect([holds({ op: 'exists' }, value), holds({ op: 'not_exists' }, value)]).toEqual([true, false]);
    }
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY, new Date(Number.NaN), () => 1, Symbol('x'), 1n]) {
      expect([holds({ op: 'exists' }, value), holds({ op: 'not_exists' }, value)]).toEqual([false, true]);
    }
  });
});

describe('array attributes', () => {
  it('match a positive operator with any element', () => {
    expect(holds({ op: 'in', values: ['b'] }, ['a', 'b'])).toBe(true);
    expect(holds({ op: 'gt', values: [5] }, [1, 9])).toBe(true);
    expect(holds({ op: 'gt', values: [5] }, [1, 2])).toBe(false);
  });

  it('match a negated operator with no element', () => {
    expect(holds({ op: 'not_in', values: ['c'] }, ['a', 'b'])).toBe(true);
    expect(holds({ op: 'not_in', values: ['b'] }, ['a', 'b'])).toBe(false);
    expect(holds({ op: 'not_contains', values: ['x'] }, ['axe', 'b'])).toBe(false);
  });

  it('drop elements of the wrong type, and are false when none is left, negated too', () => {
    expect(holds({ op: 'not_in', values: ['c'] }, ['a', 7, null])).toBe(true);
    expect(holds({ op: 'not_in', values: ['c'] }, [7, null, ['a'], {}])).toBe(false);
    expect(holds({ op: 'not_in', values: ['c'] }, [])).toBe(false);
    expect(holds({ op: 'in', values: ['c'] }, [['c']])).toBe(false);
  });
});

describe('attribute paths', () => {
  it('lead through plain objects, one step per dot', () => {
    const condition = { attribute: 'app.build.id', op: 'equals', values: [7] } as const;
    expect(judge(condition, { app: { build: { id: 7 } } })).toBe(true);
    expect(judge(condition, { 'app.build.id': 7 })).toBe(false);
    expect(judge(condition, { app: null })).toBe(false);
    expect(judge(condition, { app: 'text' })).toBe(false);
  });

  it('do not reach into arrays, strings or prototypes', () => {
    const exists = (attribute: string) => ({ attribute, op: 'exists' }) as const;
    expect(judge(exists('list.length'), { list: [1] })).toBe(false);
    expect(judge(exists('list.0'), { list: [1] })).toBe(false);
    expect(judge(exists('text.length'), { text: 'x' })).toBe(false);
    for (const name of ['__proto__', 'constructor', 'toString', 'constructor.name', '__proto__.toString']) {
      expect(judge(exists(name), { plan: 'pro' })).toBe(false);
    }
    expect(judge(exists('__proto__'), JSON.parse('{"__proto__":"x"}'))).toBe(true);
    expect(judge(exists('constructor.name'), { constructor: { name: 'x' } })).toBe(true);
  });
});

describe('conditions that cannot be read', () => {
  it.each<readonly [condition: unknown, codes: readonly string[]]>([
    [null, ['malformed']],
    [[], ['malformed']],
    [{}, ['unsupported']],
    [{ between: [1, 2] }, ['unsupported']],
    [{ attribute: 'a', op: 'equals' }, ['values']],
    [{ attribute: 'a', op: 'equals', values: [] }, ['values']],
    [{ attribute: 'a', op: 'equals', values: [null] }, ['values']],
    [{ attribute: 'a', op: 'equals', values: 'x' }, ['malformed', 'values']],
    [{ attribute: 'a', op: 'toString', values: ['x'] }, ['unsupported']],
    [{ attribute: 'a', values: ['x'] }, ['unsupported']],
    [{ attribute: '', op: 'exists' }, ['malformed']],
    [{ attribute: 7, op: 'exists' }, ['malformed']],
    [{ all: [], any: [] }, ['malformed']],
    [{ all: {} }, ['malformed']],
    [{ not: undefined }, ['malformed']],
    [{ segment: 7 }, ['malformed']],
    [{ now: 'during', values: [1] }, ['unsupported']],
    [{ now: 'before', values: [] }, ['values']],
    [{ now: 'before', values: [1, 2] }, ['values']],
    [{ now: 'before', values: ['2027-01-01T00:00:00Z'] }, ['values']],
  ])('%j', (condition, codes) => expect(issuesOf(condition as { readonly [member: string]: unknown })).toEqual(codes));

  it('ignores members it does not know', () => {
    expect(issuesOf({ attribute: 'a', op: 'exists', note: 'newer', comment: 1 })).toEqual([]);
  });
});

describe('all, any, not and now', () => {
  it('all of nothing is true, any of nothing is false, not turns round', () => {
    expect(judge({ all: [] }, {})).toBe(true);
    expect(judge({ any: [] }, {})).toBe(false);
    expect(judge({ not: { any: [] } }, {})).toBe(true);
    expect(judge({ all: [{ all: [] }, { any: [] }] }, {})).toBe(false);
    expect(judge({ any: [{ any: [] }, { all: [] }] }, {})).toBe(true);
  });

  it('not of a missing attribute is true, unlike the negated operator', () => {
    expect(judge({ not: { attribute: 'a', op: 'equals', values: ['x'] } }, {})).toBe(true);
    expect(judge({ attribute: 'a', op: 'not_equals', values: ['x'] }, {})).toBe(false);
  });

  it('now compares the clock that is passed in; the instant itself belongs to after', () => {
    const rules = (now: 'before' | 'after') => compile(makeRuleSet({ f: flagWhen({ now, values: [1_000] }) }));
    const at = (now: 'before' | 'after', nowMs: number) => resolve(rules(now), 'f', 'boolean', {}, nowMs).value;
    expect([at('before', 999), at('before', 1_000)]).toEqual([true, false]);
    expect([at('after', 999), at('after', 1_000)]).toEqual([false, true]);
  });
});

import type { Condition, FlagBody, RuleSet } from '@yardarm/evaluator';
import { describe, expect, it } from 'vitest';
import { findExposures, findUnhashable } from './client-exposure.ts';

const EMAIL = new Set(['email']);

function flag(overrides: Partial<FlagBody> & { when?: Condition } = {}): FlagBody {
  const { when, ...rest } = overrides;
  return {
    type: 'string',
    variants: { a: 'A', b: 'B' },
    on: true,
    offVariant: 'a',
    ...(when && { rules: [{ id: 'r1', when, serve: { variant: 'b' } }] }),
    fallthrough: { variant: 'a' },
    clientSide: true,
    revision: 1,
    tag: '0'.repeat(16),
    ...rest,
  };
}

function ruleSet(flags: RuleSet['flags'], segments: RuleSet['segments'] = {}): RuleSet {
  return { format: 1, project: 'shop', environment: 'production', epoch: '1-a', revision: 1, flags, segments };
}

const endsWith: Condition = { attribute: 'email', op: 'ends_with', values: ['@acme.example'] };

describe('a condition on a sensitive attribute', () => {
  it('is refused where its values cannot be hashed, wherever it is nested, with its place and the ways out', () => {
    const when: Condition = { all: [{ attribute: 'plan', op: 'equals', values: ['gold'] }, { not: { any: [endsWith] } }] };
    expect(findUnhashable(ruleSet({ 'a/b': flag({ when }) }), EMAIL)).toEqual([
      {
        code: 'sensitive_condition',
        path: '/flags/a~1b/rules/0/when/all/1/not/any/0',
        message:
          "Rule 'r1' of flag 'a/b' would show browsers what the sensitive attribute 'email' is compared with: 'ends_with' cannot be evaluated on hashes of these values. Compare whole texts with 'in' or 'equals', mark the flag not clientSide, or declare the attribute not sensitive.",
      },
    ]);
  });

  it.each<[string, Condition]>([
    ['a whole text', { attribute: 'email', op: 'not_in', values: ['ada@acme.example'] }],
    ['presence', { attribute: 'email', op: 'exists' }],
    ['another attribute', { attribute: 'emails', op: 'ends_with', values: ['x'] }],
  ])('is fine when it asks for %s', (_title, when) => {
    expect(findUnhashable(ruleSet({ a: flag({ when }) }), EMAIL)).toEqual([]);
  });

  it('is refused for numbers, which travel as they are', () => {
    const when: Condition = { attribute: 'email', op: 'in', values: ['ada@acme.example', 7] };
    expect(findUnhashable(ruleSet({ a: flag({ when }) }), EMAIL)).toHaveLength(1);
  });

  it('counts for everything below the declared attribute', () => {
    const when: Condition = { attribute: 'user.email', op: 'contains', values: ['acme'] };
    expect(findUnhashable(ruleSet({ a: flag({ when }) }), new Set(['user']))).toHaveLength(1);
    expect(findUnhashable(ruleSet({ a: flag({ when }) }), new Set(['use', 'user.e', 'email']))).toEqual([]);
  });

  it('counts in segments that a flag for browsers uses, and in no others', () => {
    const body = { include: [], exclude: [], when: endsWith, revision: 1, tag: '0'.repeat(16) };
    const segments = { used: body, unused: body };
    const found = findUnhashable(ruleSet({ a: flag({ when: { segment: 'used' } }) }, segments), EMAIL);
    expect(found.map(({ path }) => path)).toEqual(['/segments/used/when']);
  });

  it('is nobody else’s business in a flag that stays on servers', () => {
    expect(findUnhashable(ruleSet({ a: flag({ when: endsWith, clientSide: false }) }), EMAIL)).toEqual([]);
  });
});

describe('what browsers can read', () => {
  it('is told by rule, with a few of the values; addresses of people and machines stand out', () => {
    const when: Condition = {
      any: [
        { attribute: 'age', op: 'gte', values: [18] },
        endsWith,
        { attribute: 'ip', op: 'ip_in_range', values: ['10.0.0.0/8', '10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'] },
        { attribute: 'email', op: 'contains', values: ['ada@acme.example'] },
        { attribute: 'country', op: 'in', values: ['de'] },
      ],
    };
    const found = findExposures(ruleSet({ a: flag({ when }) }));
    expect(found.map(({ code, path }) => `${code} ${path.slice(-5)}`)).toEqual([
      'readable_values any/0',
      'readable_values any/1',
      'personal_values any/2',
      'personal_values any/3',
    ]);
    expect(found[2]?.message).toBe(
      "Rule 'r1' of flag 'a' shows browsers what 'ip' is compared with (ip_in_range '10.0.0.0/8', '10.1.0.0/16', '10.2.0.0/16' and 1 more).",
    );
  });

  it.each(['sk_live_51Hxyz', '-----BEGIN RSA PRIVATE KEY-----', { db: { password: 'x' } }, 'AKIAIOSFODNN7EXAMPLE'])(
    'includes variants, and %o looks like a secret',
    (value) => {
      const type = typeof value === 'string' ? 'string' : 'object';
      const found = findExposures(ruleSet({ a: flag({ type, variants: { a: value, b: type === 'string' ? 'x' : {} } }) }));
      expect(found).toMatchObject([{ code: 'secret_variant', path: '/flags/a/variants/a' }]);
    },
  );

  it('is nothing where everything is compared whole', () => {
    const when: Condition = { attribute: 'email', op: 'in', values: ['ada@acme.example'] };
    expect(findExposures(ruleSet({ a: flag({ when }), b: flag({ when: endsWith, clientSide: false }) }))).toEqual([]);
  });
});

describe('the search for secrets', () => {
  it('takes no longer for a text made to be slow', () => {
    // By the processor, the least of three: what else this machine does would only add to the clock.
    const tookMs = [1, 2, 3].map(() => {
      const before = process.cpuUsage();
      for (const text of ['eyJ-'.repeat(16_000), '-----BEGIN '.repeat(6_000), `password${' '.repeat(60_000)}`])
        expect(findExposures(ruleSet({ f: flag({ variants: { a: text, b: 'B' } }) }))).toEqual([]);
      return process.cpuUsage(before).user / 1e3;
    });
    // Without bounds it takes seconds.
    expect(Math.min(...tookMs)).toBeLessThan(500);
  });
});

import { readFileSync } from 'node:fs';
import type { CommandOf } from '@yardarm/contract';
import type { AttributeCondition, Condition } from '@yardarm/evaluator';
import { describe, expect, it } from 'vitest';
import { admitPatterns } from './admit-patterns.ts';
import { checkPatterns } from './check-patterns.ts';

interface Corpus {
  readonly evil: readonly { readonly pattern: string; readonly really?: 'linear' }[];
  readonly ordinary: readonly { readonly pattern: string; readonly text: string }[];
}
const corpus: Corpus = JSON.parse(readFileSync(new URL('./corpus.json', import.meta.url), 'utf8'));
/** A busy machine takes longer than a server waits; how long that is, is not what these tests are about. */
const PATIENT = { loadMs: 30_000, patternMs: 30_000, totalMs: 200_000 };
const plain = (source: string) => ({ source, ignoreCase: false });

const matches = (pattern: string, more: Partial<AttributeCondition> = {}): AttributeCondition => ({
  attribute: 'path',
  op: 'matches',
  values: [pattern],
  ...more,
});

function configure(...conditions: Condition[]): CommandOf<'flag.configure'> {
  const rules = conditions.map((when, index) => ({ id: `r${index + 1}`, when, serve: { variant: 'on' } }));
  const target = { project: 'shop', flag: 'f', environment: 'test' };
  return {
    type: 'flag.configure',
    target,
    baseVersions: { configuration: 1 },
    input: { rules },
  } as CommandOf<'flag.configure'>;
}

// The checker takes seconds for some patterns where the cores are shared; the timeout only ends a hang.
describe('checking patterns', { timeout: 300_000 }, () => {
  it('takes no evil pattern for a linear one', async () => {
    expect(corpus.evil.length).toBeGreaterThanOrEqual(40);
    const verdicts = await checkPatterns(
      corpus.evil.map(({ pattern }) => plain(pattern)),
      { loadMs: 9_000, patternMs: 1_000, totalMs: 200_000 },
    );
    const harmless = corpus.evil.filter(
      ({ really }, index) => verdicts[index] === 'invalid' || (verdicts[index] === 'linear' && really !== 'linear'),
    );
    expect(harmless).toEqual([]);
  });

  it('accepts what people write', async () => {
    const verdicts = await checkPatterns(
      corpus.ordinary.map(({ pattern }) => plain(pattern)),
      PATIENT,
    );
    for (const [index, { pattern, text }] of corpus.ordinary.entries()) {
      expect([pattern, verdicts[index]]).toEqual([pattern, expect.stringMatching(/^(linear|quadratic)$/)]);
      expect(new RegExp(pattern, 'u').test(text), pattern).toBe(true);
    }
  });

  it('tells quadratic patterns, broken ones and worse ones apart', async () => {
    const verdicts = await checkPatterns(['\\s+$', '(', '^(a+)+$', '^a', 'a*a*a*$'].map(plain), PATIENT);
    expect(verdicts).toEqual(['quadratic', 'invalid', 'worse', 'linear', 'worse']);
  });

  it('ends a checker that does not answer in time, pattern by pattern', async () => {
    const verdicts = await checkPatterns(['^a', '^b'].map(plain), { loadMs: 0, patternMs: 1, totalMs: 30_000 });
    expect(verdicts).toEqual(['undecided', 'undecided']);
  });

  it('leaves undecided what the whole deadline does not reach', async () => {
    expect(await checkPatterns(['^a', '^b'].map(plain), { loadMs: 0, patternMs: 1_000, totalMs: 0 })).toEqual([
      'undecided',
      'undecided',
    ]);
  });
});

describe('admitting patterns', () => {
  it('marks conditions with a quadratic pattern, wherever they are, and no others', async () => {
    const { input } = await admitPatterns(
      configure({ all: [{ not: matches('\\s+$') }, matches('^a'), { segment: 's' }] }),
      PATIENT,
    );
    expect(input.rules?.[0]?.when).toEqual({
      all: [{ not: matches('\\s+$', { maxInput: 256 }) }, matches('^a'), { segment: 's' }],
    });
  });

  it('replaces a marker that a client sends', async () => {
    const sent = configure(matches('^a', { maxInput: 9_999 }), matches('\\s+$', { maxInput: 9_999 }));
    const { input } = await admitPatterns(sent, PATIENT);
    expect(input.rules?.map(({ when }) => when)).toEqual([matches('^a'), matches('\\s+$', { maxInput: 256 })]);
  });

  it('refuses worse ones by code and sentence that names rule, pattern and remedy', async () => {
    await expect(admitPatterns(configure(matches('^a'), { any: [matches('^(a+)+$')] }), PATIENT)).rejects.toMatchObject({
      code: 'validation_failed',
      message: expect.stringMatching(/^Rule 2 \('r2'\) has the pattern '\^\(a\+\)\+\$', which is not allowed: .* Rewrite it /),
      details: [{ path: 'rules[1].when.any[0].values[0]', code: 'pattern_too_slow' }],
    });
  });

  it('refuses them in segments too', async () => {
    const command = {
      type: 'segment.create',
      target: { project: 'shop' },
      input: { key: 's', name: 's', when: matches('^(a+)+$') },
    };
    await expect(admitPatterns(command as CommandOf<'segment.create'>, PATIENT)).rejects.toMatchObject({
      details: [{ path: 'when.values[0]', code: 'pattern_too_slow' }],
    });
  });

  it('leaves commands without patterns as they are, and broken patterns to the rule compiler', async () => {
    const command = configure({ attribute: 'a', op: 'contains', values: ['^(a+)+$'] }, matches('('));
    expect(await admitPatterns(command, PATIENT)).toEqual(command);
  });

  it('refuses more patterns than it would check', async () => {
    const values = Array.from({ length: 201 }, (_, index) => `^${index}`);
    await expect(admitPatterns(configure(matches('', { values })), PATIENT)).rejects.toMatchObject({ code: 'validation_failed' });
  });
});

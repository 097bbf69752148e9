import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderRuleSet } from '../ruleset/build.ts';
import { advanceRules, startRules } from '../ruleset/environment-rules.ts';
import { ruleHistory } from '../testing/rule-history.ts';
import { clientViewBytes, MAX_CLIENT_VIEW_BYTES } from './client-size.ts';

const IDENTITY = { environmentId: '8f3c5a52-0d5c-4a0e-9a3e-0a1f5f1f8a01', project: 'shop', environment: 'production' };
const flag = (clientSide: boolean, keys: readonly string[]) =>
  JSON.stringify({
    ...(clientSide && { clientSide }),
    fallthrough: { variant: 'on' },
    offVariant: 'on',
    on: true,
    targets: [{ keys, variant: 'on' }],
    type: 'boolean',
    variants: { on: true },
  });
const users = (count: number, text = 'user-') => Array.from({ length: count }, (_, index) => `${text}${index}`);
const textsOf = (...bodies: string[]) =>
  new Map(bodies.map((body, index) => [`flag:f${index}`, { kind: 'flag' as const, key: `f${index}`, body }]));

describe('the size of a client view', () => {
  it('is known to within a few bytes for each body, without making the view', () => {
    fc.assert(
      fc.property(ruleHistory, (history) => {
        let rules = startRules(IDENTITY, { epoch: '1-a', revision: 0 }, []);
        for (const [index, objects] of history.entries()) rules = advanceRules(rules, index + 1, objects);
        const texts = new Map(history.flat().map(({ kind, key, body }) => [`${kind}:${key}`, { kind, key, body }] as const));
        // Something that is large enough to be measured at all, and counts the same in both.
        const large = flag(true, users(10_000));
        const base = clientViewBytes(textsOf(large));
        const { header, bodies } = rules.views.client;
        const real = Buffer.byteLength(renderRuleSet(header, bodies.values())) - Buffer.byteLength(renderRuleSet(header, []));
        const measured = clientViewBytes(
          new Map([...texts, ['flag:large', { kind: 'flag' as const, key: 'large', body: large }]]),
        );
        // Flags that are withheld for a prerequisite, and what only they use, count as well.
        expect(measured - base).toBeGreaterThanOrEqual(real - 10);
      }),
    );
  });

  it('counts hashes, which are longer than short texts: four-letter keys are over the limit before they look like it', () => {
    const body = flag(true, users(29_000, 'u'));
    expect(Buffer.byteLength(body)).toBeLessThan(MAX_CLIENT_VIEW_BYTES);
    expect(clientViewBytes(textsOf(body))).toBeGreaterThan(MAX_CLIENT_VIEW_BYTES);
  });

  it('is not looked into where it cannot be much, nor for flags that stay on servers', () => {
    expect(clientViewBytes(textsOf(flag(true, users(100))))).toBe(0);
    expect(clientViewBytes(textsOf(flag(false, users(50_000))))).toBe(0);
  });
});

import { OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import type { YardarmProvider } from './provider.ts';
import { TestProvider, type TestRules } from './test-provider.ts';

afterEach(() => OpenFeature.clearProviders());

const cycle: { self?: unknown } = {};
cycle.self = cycle;
const when = (attribute: string, value: string) => ({ attribute, op: 'equals' as const, values: [value] });
const greeting = {
  type: 'string' as const,
  variants: { hello: 'Hello', hi: 'Hi' },
  on: true,
  offVariant: 'hello',
  rules: [{ id: 'casual', when: when('tone', 'casual'), serve: { variant: 'hi' } }],
  fallthrough: { variant: 'hello' },
};

async function clientOf(provider: TestProvider) {
  await OpenFeature.setProviderAndWait(provider);
  return OpenFeature.getClient();
}

describe('a provider for tests', () => {
  it('is READY at once, and answers values and rules like the real one', async () => {
    const provider = new TestProvider({
      values: { 'new-checkout': true, limit: 7, layout: { columns: 2 } },
      flags: { greeting },
    });
    const client = await clientOf(provider);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(await client.getBooleanValue('new-checkout', false)).toBe(true);
    expect(await client.getNumberValue('limit', 1)).toBe(7);
    expect(await client.getObjectValue('layout', {})).toEqual({ columns: 2 });
    expect(await client.getStringDetails('greeting', 'none', { tone: 'casual' })).toMatchObject({
      value: 'Hi',
      variant: 'hi',
      reason: 'TARGETING_MATCH',
      flagMetadata: { flagSetId: 'test/test', version: '1' },
    });
    expect(provider.string('greeting', 'none')).toBe('Hello');
    expect(await client.getBooleanDetails('greeting', true)).toMatchObject({ value: true, errorCode: 'TYPE_MISMATCH' });
    expect(provider.boolean('nothing', true)).toBe(true);
  });

  it('changes what it is told to, keeps the rest, and announces exactly that', async () => {
    const provider = new TestProvider({ values: { a: true, b: 'x' }, flags: { greeting } });
    const client = await clientOf(provider);
    const changed: unknown[] = [];
    client.addHandler(ProviderEvents.ConfigurationChanged, (details) => void changed.push(details?.flagsChanged));
    provider.set({ values: { a: false, greeting: 'Hey' } });
    provider.set({ values: { a: false } });
    expect([provider.boolean('a', true), provider.string('b', 'none'), provider.string('greeting', 'none')]).toEqual([
      false,
      'x',
      'Hey',
    ]);
    provider.set({ flags: { a: { ...greeting, on: false } } });
    expect(provider.string('a', 'none')).toBe('Hello');
    expect(changed).toEqual([['a', 'greeting'], ['a']]);
  });

  it('has segments, and a clock of its own for rules that ask for the time', () => {
    let nowMs = 1_000;
    const rules: TestRules = {
      segments: { staff: { include: ['user-1'], exclude: [], when: null } },
      flags: {
        greeting: { ...greeting, rules: [{ id: 'staff', when: { segment: 'staff' }, serve: { variant: 'hi' } }] },
        sale: { ...greeting, rules: [{ id: 'later', when: { now: 'after', values: [5_000] }, serve: { variant: 'hi' } }] },
      },
    };
    const provider = new TestProvider(rules, { nowMs: () => nowMs });
    expect(provider.string('greeting', 'none', { targetingKey: 'user-1' })).toBe('Hi');
    expect(provider.string('sale', 'none')).toBe('Hello');
    nowMs = 5_000;
    expect(provider.string('sale', 'none')).toBe('Hi');
  });

  it('refuses rules that nobody could save, in sentences, and then changes nothing', () => {
    const provider = new TestProvider({ flags: { greeting } });
    const broken = { ...greeting, fallthrough: { variant: 'bye' } };
    expect(() => provider.set({ flags: { greeting: broken } })).toThrow(
      /^Yardarm: \/flags\/greeting\/fallthrough\S*: .*bye.*\.$/,
    );
    expect(provider.string('greeting', 'none')).toBe('Hello');
    expect(() => new TestProvider({ flags: { greeting: broken } })).toThrow(TypeError);
  });

  it.each<[string, unknown]>([
    ['a flag that is undefined', { flags: { a: undefined } }],
    ['a flag that is null', { flags: { a: null } }],
    ['a segment that is text', { segments: { a: 'user-1' } }],
    ['a value with a cycle', { values: { a: cycle } }],
    ['a value that has no JSON', { values: { a: { big: 1n } } }],
    ['flags that are null', { flags: null }],
    ['null', null],
  ])('refuses in a sentence %s', (_, rules) => {
    const sentence = /^Yardarm: .+\.$/;
    expect(() => new TestProvider(rules as TestRules)).toThrow(sentence);
    expect(() => new TestProvider(rules as TestRules)).toThrow(TypeError);
    const provider = new TestProvider({ flags: { greeting } });
    expect(() => provider.set(rules as TestRules)).toThrow(sentence);
    expect(provider.string('greeting', 'none')).toBe('Hello');
  });

  it('takes the place of the real one, by its type as well', () => {
    const start = (flags: YardarmProvider) => flags.boolean('new-checkout', false);
    expect(start(new TestProvider({ values: { 'new-checkout': true } }))).toBe(true);
  });

  it('hands over what is tracked', async () => {
    const tracked: string[] = [];
    const client = await clientOf(new TestProvider({}, { onTrack: (name) => void tracked.push(name) }));
    client.track('order placed');
    expect(tracked).toEqual(['order placed']);
  });
});

/**
 * Section 2 of the OpenFeature specification, requirement by requirement, through the real server client.
 *
 * Not here: 2.6.1 (a change of a context that stays set), which is about pages; 2.8 (a provider that announces its own
 * lifecycle): this generation of the SDK still announces READY and ERROR itself, from the promise of `initialize`, and would
 * announce them twice.
 */
import { type Provider, ProviderStatus, type ResolutionDetails, StandardResolutionReasons } from '@openfeature/server-sdk';
import type { FlagBody } from '@yardarm/evaluator';
import { flagBody, ruleSetOf } from '@yardarm/sync/testing';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { YardarmProvider } from '../provider.ts';
import { soon, useHosts } from '../testing/host-client.ts';

const colour = flagBody({ value: 'red' });
const split = {
  by: 'targetingKey',
  salt: 's',
  hash: 2,
  weights: [
    ['shown', 50_000],
    ['member', 50_000],
  ],
} as const;
const flags: { [key: string]: FlagBody } = {
  colour,
  bool: { ...colour, type: 'boolean', offVariant: null, variants: { shown: true } },
  number: { ...colour, type: 'number', offVariant: null, variants: { shown: 3.5 } },
  object: { ...colour, type: 'object', offVariant: null, variants: { shown: { a: [1] } } },
  owned: { ...colour, metadata: { owner: 'payments', tier: 1, risky: false } },
  killed: { ...colour, on: false },
  ramp: { ...colour, fallthrough: { split } },
  rule: {
    ...colour,
    rules: [{ id: 'r', when: { attribute: 'plan', op: 'equals', values: ['gold'] }, serve: { variant: 'member' } }],
  },
  broken: { ...colour, requires: ['telepathy'] },
};
const { serve, register } = useHosts();

async function ready() {
  const host = register((await serve(ruleSetOf(1, { flags }))).url);
  await host.ready;
  return host;
}

it('Requirement 2.1.1: metadata has a name', async () => {
  const { client, provider } = await ready();
  expect(provider.metadata.name).toBe('yardarm');
  expect(client.metadata.providerMetadata.name).toBe('yardarm');
});

it('Requirement 2.2.1, 2.2.2.1: there is a method for each type, with key, default and context', async () => {
  const { client } = await ready();
  expect(await client.getBooleanValue('bool', false)).toBe(true);
  expect(await client.getStringValue('colour', 'none')).toBe('red');
  expect(await client.getNumberValue('number', 0)).toBe(3.5);
  expect(await client.getObjectValue('object', {})).toEqual({ a: [1] });
});

describe('in cases of normal execution', () => {
  it('Requirement 2.2.3, 2.2.4: value and variant are those of the flag', async () => {
    const { client } = await ready();
    expect(await client.getStringDetails('colour', 'none')).toMatchObject({ value: 'red', variant: 'shown' });
  });

  it('Requirement 2.2.5: the reason says why', async () => {
    const { client } = await ready();
    const context = { targetingKey: 'user-1', plan: 'gold' };
    const reason = async (flag: string) => (await client.getStringDetails(flag, 'none', context)).reason;
    expect(await reason('colour')).toBe(StandardResolutionReasons.STATIC);
    expect(await reason('killed')).toBe(StandardResolutionReasons.DISABLED);
    expect(await reason('ramp')).toBe(StandardResolutionReasons.SPLIT);
    expect(await reason('rule')).toBe(StandardResolutionReasons.TARGETING_MATCH);
    expect(await reason('nothing')).toBe(StandardResolutionReasons.ERROR);
    expect((await client.getStringDetails('rule', 'none')).reason).toBe(StandardResolutionReasons.DEFAULT);
  });

  it('Requirement 2.2.6, 2.3.2: there is neither an error code nor a message', async () => {
    const { client } = await ready();
    for (const flag of ['colour', 'killed']) {
      const { errorCode, errorMessage } = await client.getStringDetails(flag, 'none');
      expect([errorCode, errorMessage]).toEqual([undefined, undefined]);
    }
  });
});

it('Requirement 2.2.7, 2.3.3: what goes wrong has an error code and a sentence, and the default is served', async () => {
  const { client } = await ready();
  const failures = await Promise.all(['nothing', 'bool', 'ramp', 'broken'].map((flag) => client.getStringDetails(flag, 'mine')));
  expect(failures.map(({ errorCode }) => errorCode)).toEqual([
    'FLAG_NOT_FOUND',
    'TYPE_MISMATCH',
    'TARGETING_KEY_MISSING',
    'PARSE_ERROR',
  ]);
  for (const { value, errorMessage } of failures) {
    expect(value).toBe('mine');
    expect(errorMessage).toMatch(/^Flag '\w+' .*\.$/);
  }
});

it('Requirement 2.2.8.1: the details are typed by the value', () => {
  const provider = new YardarmProvider({ url: 'https://flags.example', key: 'ys_0123456789' });
  expectTypeOf(provider.resolveBooleanEvaluation).returns.toEqualTypeOf<Promise<ResolutionDetails<boolean>>>();
  expectTypeOf(provider.resolveStringEvaluation).returns.toEqualTypeOf<Promise<ResolutionDetails<string>>>();
  expectTypeOf(provider.resolveNumberEvaluation).returns.toEqualTypeOf<Promise<ResolutionDetails<number>>>();
  expectTypeOf(provider.resolveObjectEvaluation<{ a: number }>).returns.toEqualTypeOf<
    Promise<ResolutionDetails<{ a: number }>>
  >();
  expectTypeOf(provider).toExtend<Provider>();
});

it('Requirement 2.2.9, 2.2.10: flag metadata is flat, and also there beside an error', async () => {
  const { client } = await ready();
  const { flagMetadata } = await client.getStringDetails('owned', 'none');
  expect(flagMetadata).toEqual({ owner: 'payments', tier: 1, risky: false, flagSetId: 'shop/test', version: '1' });
  expect((await client.getNumberDetails('owned', 0)).flagMetadata).toMatchObject({ flagSetId: 'shop/test', version: '1' });
});

it('Requirement 2.3.1: hooks of a provider are optional, and this one has none', async () => {
  const { provider } = await ready();
  expect((provider as Provider).hooks).toBeUndefined();
});

it('Requirement 2.4.1: initialising makes the provider ready', async () => {
  const { client } = await ready();
  expect(client.providerStatus).toBe(ProviderStatus.READY);
});

it('Requirement 2.4.2.1: initialising that finds no rule set terminates abnormally, and not for ever', async () => {
  const server = await serve(ruleSetOf(1, { flags }));
  const port = Number(new URL(server.url).port);
  await server.stop();
  const { client, ready } = register(server.url, { initializeTimeoutMs: 60 });
  await expect(ready).rejects.toThrow(/No rule set arrived in time/);
  expect(client.providerStatus).toBe(ProviderStatus.ERROR);
  expect(await client.getStringDetails('colour', 'mine')).toMatchObject({ value: 'mine', errorCode: 'PROVIDER_NOT_READY' });
  await serve(ruleSetOf(1, { flags }), port);
  await soon(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
});

it('Requirement 2.5.1, 2.5.2: onClose disposes of everything, and the provider is as before it was initialised', async () => {
  const server = await serve(ruleSetOf(1, { flags }));
  const { provider, ready } = register(server.url);
  await ready;
  await soon(() => expect(server.openSockets()).toBe(1));
  await provider.onClose();
  await soon(() => expect(server.openConnections()).toBe(0));
  expect((await provider.resolveStringEvaluation('colour', 'mine', {})).errorCode).toBe('PROVIDER_NOT_READY');
  await provider.initialize();
  expect((await provider.resolveStringEvaluation('colour', 'mine', {})).value).toBe('red');
});

it('Requirement 2.7.1: tracking is handed to the application', async () => {
  const tracked: unknown[] = [];
  const { url } = await serve(ruleSetOf(1, { flags }));
  const host = register(url, { onTrack: (...occurrence) => void tracked.push(occurrence) });
  await host.ready;
  host.client.track('checkout', { targetingKey: 'user-1' }, { value: 99.77 });
  expect(tracked).toEqual([['checkout', { targetingKey: 'user-1' }, { value: 99.77 }]]);
});

/**
 * Section 2 of the OpenFeature specification, requirement by requirement, through the real web client.
 *
 * Not here: 2.8 (a provider that announces its own lifecycle): this generation of the SDK still announces READY and ERROR
 * itself, from the promise of `initialize`, and would announce them twice.
 */
import { OpenFeature, type Provider, ProviderStatus, StandardResolutionReasons } from '@openfeature/web-sdk';
import type { FlagBody } from '@yardarm/evaluator';
import { flagBody, ruleSetOf } from '@yardarm/sync/testing';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { YardarmWebProvider } from '../provider.ts';
import { KEY, soon, usePages } from '../testing/page-client.ts';

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
const { serve, register } = usePages();

async function ready(context = {}) {
  const page = await register((await serve(ruleSetOf(1, { flags }))).url, {}, context);
  await page.ready;
  return page;
}

it('Requirement 2.1.1: metadata has a name', async () => {
  const { client, provider } = await ready();
  expect(provider.metadata.name).toBe('yardarm');
  expect(client.metadata.providerMetadata.name).toBe('yardarm');
});

it('Requirement 2.2.1, 2.2.2.1: there is a method for each type, with key, default and context', async () => {
  const { client } = await ready();
  expect(client.getBooleanValue('bool', false)).toBe(true);
  expect(client.getStringValue('colour', 'none')).toBe('red');
  expect(client.getNumberValue('number', 0)).toBe(3.5);
  expect(client.getObjectValue('object', {})).toEqual({ a: [1] });
});

describe('in cases of normal execution', () => {
  it('Requirement 2.2.3, 2.2.4: value and variant are those of the flag', async () => {
    const { client } = await ready();
    expect(client.getStringDetails('colour', 'none')).toMatchObject({ value: 'red', variant: 'shown' });
  });

  it('Requirement 2.2.5: the reason says why', async () => {
    const { client } = await ready({ targetingKey: 'user-1', plan: 'gold' });
    const reason = (flag: string) => client.getStringDetails(flag, 'none').reason;
    expect(reason('colour')).toBe(StandardResolutionReasons.STATIC);
    expect(reason('killed')).toBe(StandardResolutionReasons.DISABLED);
    expect(reason('ramp')).toBe(StandardResolutionReasons.SPLIT);
    expect(reason('rule')).toBe(StandardResolutionReasons.TARGETING_MATCH);
    expect(reason('nothing')).toBe(StandardResolutionReasons.ERROR);
    await OpenFeature.setContext(client.metadata.domain as string, {});
    expect(reason('rule')).toBe(StandardResolutionReasons.DEFAULT);
  });

  it('Requirement 2.2.6, 2.3.2: there is neither an error code nor a message', async () => {
    const { client } = await ready();
    for (const flag of ['colour', 'killed']) {
      const { errorCode, errorMessage } = client.getStringDetails(flag, 'none');
      expect([errorCode, errorMessage]).toEqual([undefined, undefined]);
    }
  });
});

it('Requirement 2.2.7, 2.3.3: what goes wrong has an error code and a sentence, and the default is served', async () => {
  const { client } = await ready();
  const failures = [
    client.getStringDetails('nothing', 'mine'),
    client.getStringDetails('bool', 'mine'),
    client.getStringDetails('ramp', 'mine'),
    client.getStringDetails('broken', 'mine'),
  ];
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
  const provider = new YardarmWebProvider({ url: 'https://flags.example', key: KEY });
  expectTypeOf(provider.resolveBooleanEvaluation('f', true, {}).value).toEqualTypeOf<boolean>();
  expectTypeOf(provider.resolveStringEvaluation('f', '', {}).value).toEqualTypeOf<string>();
  expectTypeOf(provider.resolveNumberEvaluation('f', 0, {}).value).toEqualTypeOf<number>();
  expectTypeOf(provider.resolveObjectEvaluation('f', { a: 1 }, {}).value).toEqualTypeOf<{ a: number }>();
  expectTypeOf(provider).toExtend<Provider>();
});

it('Requirement 2.2.9, 2.2.10: flag metadata is flat, and also there beside an error', async () => {
  const { client } = await ready();
  const { flagMetadata } = client.getStringDetails('owned', 'none');
  expect(flagMetadata).toEqual({ owner: 'payments', tier: 1, risky: false, flagSetId: 'shop/test', version: '1' });
  expect(client.getNumberDetails('owned', 0).flagMetadata).toMatchObject({ flagSetId: 'shop/test', version: '1' });
});

it('Requirement 2.3.1: hooks of a provider are optional, and this one has none', async () => {
  const { client } = await ready();
  expect((client as unknown as { _provider: Provider })._provider.hooks).toBeUndefined();
});

it('Requirement 2.4.1: initialising takes the context that is set, and makes the provider ready', async () => {
  const { client } = await ready({ targetingKey: 'user-1' });
  expect(client.providerStatus).toBe(ProviderStatus.READY);
  expect(client.getStringDetails('ramp', 'none').errorCode).toBeUndefined();
});

it('Requirement 2.4.2.1: initialising that finds no rule set terminates abnormally, and not for ever', async () => {
  const server = await serve(ruleSetOf(1, { flags }));
  const port = Number(new URL(server.url).port);
  await server.stop();
  const { client, ready } = await register(server.url, { initializeTimeoutMs: 60 });
  await expect(ready).rejects.toThrow(/No rule set arrived in time/);
  expect(client.providerStatus).toBe(ProviderStatus.ERROR);
  expect(client.getStringDetails('colour', 'mine')).toMatchObject({ value: 'mine', errorCode: 'PROVIDER_NOT_READY' });
  await serve(ruleSetOf(1, { flags }), { port });
  await soon(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
});

it('Requirement 2.5.1, 2.5.2: onClose disposes of everything, and the provider is as before it was initialised', async () => {
  const server = await serve(ruleSetOf(1, { flags }));
  const { provider, ready } = await register(server.url);
  await ready;
  await soon(() => expect(server.openSockets()).toBe(1));
  await provider.onClose();
  await soon(() => expect(server.openSockets()).toBe(0));
  expect(provider.resolveStringEvaluation('colour', 'mine', {}).errorCode).toBe('PROVIDER_NOT_READY');
  await provider.initialize();
  expect(provider.resolveStringEvaluation('colour', 'mine', {}).value).toBe('red');
});

it('Requirement 2.6.1: a change of context is reconciled at once, and answers no promise', async () => {
  const { domain, client, provider } = await ready();
  expect(provider.onContextChange()).toBeUndefined();
  await OpenFeature.setContext(domain, { plan: 'gold' });
  expect(client.getStringValue('rule', 'none')).toBe('red for members');
});

it('Requirement 2.7.1: tracking is handed to the application', async () => {
  const tracked: unknown[] = [];
  const { url } = await serve(ruleSetOf(1, { flags }));
  const page = await register(url, { onTrack: (...args) => void tracked.push(args) }, { targetingKey: 'user-1' });
  await page.ready;
  page.client.track('checkout', { value: 99.77 });
  expect(tracked).toEqual([['checkout', { targetingKey: 'user-1' }, { value: 99.77 }]]);
});

/**
 * Section 6 of the OpenFeature specification, through the real server client.
 *
 * Not here, because it is about a context that stays set, as in a page: 6.1.2.1.
 */
import { AsyncLocalStorageTransactionContextPropagator, OpenFeature } from '@openfeature/server-sdk';
import { flagBody, ruleSetOf } from '@yardarm/sync/testing';
import { expect, it, vi } from 'vitest';
import { useHosts } from '../testing/host-client.ts';

const { serve, register } = useHosts();

async function ready(options: Parameters<typeof register>[1] = {}) {
  const host = register((await serve(ruleSetOf(1, { flags: { colour: flagBody({}) } }))).url, options);
  await host.ready;
  return host;
}

it('Requirement 6.1.1.1: track takes a name, a context and details, and answers nothing', async () => {
  const onTrack = vi.fn();
  const { client } = await ready({ onTrack });
  expect(client.track('visited')).toBeUndefined();
  expect(client.track('checkout', { targetingKey: 'user-1' }, { value: 99.77 })).toBeUndefined();
  expect(onTrack.mock.calls.map(([name]) => name)).toEqual(['visited', 'checkout']);
});

it('Requirement 6.1.3: the context is merged as for an evaluation, and cannot be changed', async () => {
  const onTrack = vi.fn();
  const { client } = await ready({ onTrack });
  OpenFeature.setTransactionContextPropagator(new AsyncLocalStorageTransactionContextPropagator());
  OpenFeature.setContext({ a: 'api', b: 'api', c: 'api', d: 'api' });
  client.setContext({ c: 'client', d: 'client' });
  OpenFeature.setTransactionContext({ b: 'transaction', c: 'transaction' }, () => client.track('checkout', { d: 'invocation' }));
  expect(onTrack.mock.calls[0]?.[1]).toEqual({ a: 'api', b: 'transaction', c: 'client', d: 'invocation' });
  expect(Object.isFrozen(onTrack.mock.calls[0]?.[1])).toBe(true);
});

it('Requirement 6.1.4: without anybody who takes it, and with somebody who fails to, tracking does nothing', async () => {
  const unheard = vi.fn();
  process.on('unhandledRejection', unheard);
  const onTrack = () => {
    throw new Error('of the application');
  };
  for (const options of [{}, { onTrack }, { onTrack: async () => onTrack() }]) {
    const { client } = await ready(options);
    expect(client.track('visited')).toBeUndefined();
  }
  await new Promise(setImmediate);
  process.off('unhandledRejection', unheard);
  expect(unheard).not.toHaveBeenCalled();
});

it('Requirement 6.2.1, 6.2.2: details have a numeric value and fields of their own', async () => {
  const onTrack = vi.fn();
  const { client } = await ready({ onTrack });
  const details = { value: 99.77, currency: 'EUR', first: true, items: 3, basket: { size: 3 } };
  client.track('checkout', {}, details);
  expect(onTrack.mock.calls[0]?.[2]).toEqual(details);
});

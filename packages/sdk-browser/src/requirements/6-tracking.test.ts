/**
 * Section 6 of the OpenFeature specification, through the real web client.
 *
 * Not here, because they are about contexts that come with each call: 6.1.1.1, and the parts of 6.1.3 about clients,
 * invocations and transactions.
 */
import { OpenFeature } from '@openfeature/web-sdk';
import { flagBody, ruleSetOf } from '@yardarm/sync/testing';
import { expect, it, vi } from 'vitest';
import { usePages } from '../testing/page-client.ts';

const { serve, register } = usePages();

async function ready(options: Parameters<typeof register>[1] = {}, context = {}) {
  const page = await register((await serve(ruleSetOf(1, { flags: { colour: flagBody({}) } }))).url, options, context);
  await page.ready;
  return page;
}

it('Requirement 6.1.2.1: track takes a name and details, and answers nothing', async () => {
  const onTrack = vi.fn();
  const { client } = await ready({ onTrack });
  expect(client.track('visited')).toBeUndefined();
  expect(client.track('checkout', { value: 99.77 })).toBeUndefined();
  expect(onTrack.mock.calls.map(([name]) => name)).toEqual(['visited', 'checkout']);
});

it('Requirement 6.1.3: the context is that of the domain, else that of the API, and cannot be changed', async () => {
  const onTrack = vi.fn();
  const { client, domain } = await ready({ onTrack }, { targetingKey: 'user-1' });
  client.track('one');
  await OpenFeature.setContext({ targetingKey: 'everybody' });
  await OpenFeature.clearContext(domain);
  client.track('two');
  expect(onTrack.mock.calls.map(([, context]) => context)).toEqual([{ targetingKey: 'user-1' }, { targetingKey: 'everybody' }]);
  expect(Object.isFrozen(onTrack.mock.calls[0]?.[1])).toBe(true);
});

it('Requirement 6.1.4: without anybody who takes it, and with somebody who fails to, tracking does nothing', async () => {
  const onTrack = () => {
    throw new Error('of the application');
  };
  for (const options of [{}, { onTrack }]) {
    const { client } = await ready(options);
    expect(client.track('visited')).toBeUndefined();
  }
});

it('Requirement 6.2.1, 6.2.2: details have a numeric value and fields of their own', async () => {
  const onTrack = vi.fn();
  const { client } = await ready({ onTrack });
  const details = { value: 99.77, currency: 'EUR', first: true, items: 3, basket: { size: 3 } };
  client.track('checkout', details);
  expect(onTrack.mock.calls[0]?.[2]).toEqual(details);
});

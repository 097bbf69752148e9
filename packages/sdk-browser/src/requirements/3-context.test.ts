/**
 * Sections 3.1 and 3.2 of the OpenFeature specification, through the real web client.
 *
 * Not here, because they are about contexts that come with each call, and a page has one context at a time: 3.2.1.1, and the
 * parts of 3.2.3 about clients, invocations and transactions; 3.3 (transactions).
 */
import { type Client, OpenFeature } from '@openfeature/web-sdk';
import type { AttributeCondition, FlagBody } from '@yardarm/evaluator';
import { flagBody, ruleSetOf } from '@yardarm/sync/testing';
import { expect, expectTypeOf, it, vi } from 'vitest';
import { usePages } from '../testing/page-client.ts';

const when = (condition: AttributeCondition): FlagBody => ({
  ...flagBody({}),
  rules: [{ id: 'r', when: condition, serve: { variant: 'member' } }],
});
const flags = {
  key: when({ attribute: 'targetingKey', op: 'equals', values: ['user-1'] }),
  plan: when({ attribute: 'plan', op: 'equals', values: ['gold'] }),
  boolean: when({ attribute: 'staff', op: 'equals', values: [true] }),
  number: when({ attribute: 'age', op: 'gte', values: [18] }),
  date: when({ attribute: 'since', op: 'before', values: ['2026-01-01T00:00:00Z'] }),
  structure: when({ attribute: 'app.version', op: 'semver_gte', values: ['2.1.0'] }),
  list: when({ attribute: 'teams', op: 'in', values: ['checkout'] }),
};
const MATCH = 'blue for members';
const { serve, register } = usePages();

async function ready(context = {}) {
  const page = await register((await serve(ruleSetOf(1, { flags }))).url, {}, context);
  await page.ready;
  return page;
}

it('Requirement 3.1.1: the targeting key is optional, and decides where a rule names it', async () => {
  expect((await ready({ targetingKey: 'user-1' })).client.getStringValue('key', 'none')).toBe(MATCH);
  expect((await ready({})).client.getStringValue('key', 'none')).toBe('blue');
});

it('Requirement 3.1.2: attributes are boolean, text, number, date or structure', async () => {
  const context = {
    plan: 'gold',
    staff: true,
    age: 18,
    since: new Date('2025-06-01'),
    app: { version: '2.1.3' },
    teams: ['checkout'],
  };
  const { client } = await ready(context);
  for (const flag of ['plan', 'boolean', 'number', 'date', 'structure', 'list']) {
    expect([flag, client.getStringValue(flag, 'none')]).toEqual([flag, MATCH]);
  }
});

it('Requirement 3.1.3, 3.1.4: attributes are fetched by their unique keys, one or all', async () => {
  const { domain } = await ready({ plan: 'gold', age: 3 });
  expect(OpenFeature.getContext(domain)).toEqual({ plan: 'gold', age: 3 });
  expect(OpenFeature.getContext(domain).plan).toBe('gold');
});

it('Requirement 3.2.2.1, 3.2.4.1: the context of the API is for every provider without one of its own, and each is told', async () => {
  const { client, domain, provider } = await ready();
  await OpenFeature.clearContext(domain);
  const told = vi.spyOn(provider, 'onContextChange');
  await OpenFeature.setContext({ plan: 'gold' });
  expect(told).toHaveBeenCalledTimes(1);
  expect(client.getStringValue('plan', 'none')).toBe(MATCH);
});

it('Requirement 3.2.2.2: neither client nor invocation takes a context', () => {
  expectTypeOf<Parameters<Client['getStringValue']>[2]>().not.toExtend<{ targetingKey?: string } | undefined>();
  expectTypeOf<Client>().not.toHaveProperty('setContext');
});

it('Requirement 3.2.2.3, 3.2.2.4, 3.2.4.2: a domain has a context of its own, which comes and goes, and only its provider is told', async () => {
  const [here, there] = [await ready(), await ready()];
  const told = vi.spyOn(there.provider, 'onContextChange');
  await OpenFeature.setContext(here.domain, { plan: 'gold' });
  expect(here.client.getStringValue('plan', 'none')).toBe(MATCH);
  expect(there.client.getStringValue('plan', 'none')).toBe('blue');
  await OpenFeature.clearContext(here.domain);
  expect(here.client.getStringValue('plan', 'none')).toBe('blue');
  expect(told).not.toHaveBeenCalled();
});

it('Requirement 3.2.3: the context of the domain goes before that of the API', async () => {
  await OpenFeature.setContext({ plan: 'gold' });
  expect((await ready({ plan: 'free' })).client.getStringValue('plan', 'none')).toBe('blue');
});

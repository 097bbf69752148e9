/**
 * Section 3 of the OpenFeature specification, through the real server client.
 *
 * Not here, because they are about a context that stays set, as in a page: 3.2.2.1 to 3.2.2.4, 3.2.4.1, 3.2.4.2.
 */
import { AsyncLocalStorageTransactionContextPropagator, type EvaluationContext, OpenFeature } from '@openfeature/server-sdk';
import type { AttributeCondition, FlagBody } from '@yardarm/evaluator';
import { flagBody, ruleSetOf } from '@yardarm/sync/testing';
import { afterEach, expect, it } from 'vitest';
import { useHosts } from '../testing/host-client.ts';

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
const { serve, register } = useHosts();

async function ready() {
  const host = register((await serve(ruleSetOf(1, { flags }))).url);
  await host.ready;
  return host;
}

/** Forgets the propagator that a test has set. */
afterEach(() => OpenFeature.setTransactionContextPropagator(new AsyncLocalStorageTransactionContextPropagator()));

it('Requirement 3.1.1: the targeting key is optional, and decides where a rule names it', async () => {
  const { client } = await ready();
  expect(await client.getStringValue('key', 'none', { targetingKey: 'user-1' })).toBe(MATCH);
  expect(await client.getStringValue('key', 'none')).toBe('blue');
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
  const { client } = await ready();
  for (const flag of ['plan', 'boolean', 'number', 'date', 'structure', 'list']) {
    expect([flag, await client.getStringValue(flag, 'none', context)]).toEqual([flag, MATCH]);
  }
});

it('Requirement 3.1.3, 3.1.4: attributes are fetched by their unique keys, one or all', async () => {
  const { client } = await ready();
  client.setContext({ plan: 'gold', age: 3 });
  expect(client.getContext()).toEqual({ plan: 'gold', age: 3 });
  expect(client.getContext().plan).toBe('gold');
});

it('Requirement 3.2.1.1: API, client and invocation supply a context', async () => {
  const { client } = await ready();
  OpenFeature.setContext({ plan: 'gold' });
  expect(await client.getStringValue('plan', 'none')).toBe(MATCH);
  OpenFeature.setContext({});
  expect(await client.getStringValue('plan', 'none')).toBe('blue');
  client.setContext({ plan: 'gold' });
  expect(await client.getStringValue('plan', 'none')).toBe(MATCH);
  client.setContext({});
  expect(await client.getStringValue('plan', 'none', { plan: 'gold' })).toBe(MATCH);
});

it('Requirement 3.2.3: of two values for one attribute, that of the API gives way to the transaction, the client, the invocation and a hook, in this order', async () => {
  const { client } = await ready();
  const sources = ['api', 'transaction', 'client', 'invocation', 'hook'] as const;
  OpenFeature.setTransactionContextPropagator(new AsyncLocalStorageTransactionContextPropagator());
  for (const [index, source] of sources.entries()) {
    const planOf = (name: (typeof sources)[number]): EvaluationContext => {
      const at = sources.indexOf(name);
      return at > index ? {} : { plan: name === source ? 'gold' : 'free' };
    };
    OpenFeature.setContext(planOf('api'));
    client.setContext(planOf('client'));
    const answer = await new Promise<string>((resolve, reject) => {
      OpenFeature.setTransactionContext(planOf('transaction'), () => {
        const hooks = [{ before: () => planOf('hook') }];
        client.getStringValue('plan', 'none', planOf('invocation'), { hooks }).then(resolve, reject);
      });
    });
    expect([source, answer]).toEqual([source, MATCH]);
  }
});

it('Requirement 3.3.1.1, 3.3.1.2.1, 3.3.1.2.2, 3.3.1.2.3: a transaction has a context of its own, which its propagator carries', async () => {
  const { client } = await ready();
  OpenFeature.setTransactionContextPropagator(new AsyncLocalStorageTransactionContextPropagator());
  const inside = await new Promise<string>((resolve, reject) => {
    OpenFeature.setTransactionContext({ plan: 'gold' }, () => {
      expect(OpenFeature.getTransactionContext()).toEqual({ plan: 'gold' });
      client.getStringValue('plan', 'none').then(resolve, reject);
    });
  });
  expect([inside, await client.getStringValue('plan', 'none')]).toEqual([MATCH, 'blue']);
});

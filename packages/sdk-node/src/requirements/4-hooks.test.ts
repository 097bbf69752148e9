/**
 * Section 4 of the OpenFeature specification, through the real server client: what hooks see of this provider, and what it sees of them.
 *
 * Not here, because it is about a context that stays set, as in a page: 4.3.3.1. Not here, because `finally` may name a method
 * in JavaScript: 4.3.9.1.
 */
import { type EvaluationDetails, type FlagValue, type Hook, type HookContext, OpenFeature } from '@openfeature/server-sdk';
import { flagBody, ruleSetOf } from '@yardarm/sync/testing';
import { describe, expect, it, vi } from 'vitest';
import { useHosts } from '../testing/host-client.ts';

const members = {
  ...flagBody({}),
  rules: [{ id: 'r', when: { attribute: 'plan', op: 'equals' as const, values: ['gold'] }, serve: { variant: 'member' } }],
};
const flags = { colour: flagBody({ value: 'red' }), members };
const user = { targetingKey: 'user-1' };
const { serve, register } = useHosts();

async function ready() {
  const host = register((await serve(ruleSetOf(1, { flags }))).url);
  await host.ready;
  return host;
}

type Stage = 'before' | 'after' | 'error' | 'finally';
/** A hook that writes down when it is called, and fails where told to. */
function recorder(name: string, calls: string[], failing: readonly Stage[] = []): Hook {
  const at = (stage: Stage) => () => {
    calls.push(`${name}.${stage}`);
    if (failing.includes(stage)) throw new Error(`${name} fails`);
  };
  return { before: at('before'), after: at('after'), error: at('error'), finally: at('finally') };
}

describe('the hook context', () => {
  it('Requirement 4.1.1, 4.1.2: names flag, type, context, default, client and provider', async () => {
    const { client, domain } = await ready();
    const before = vi.fn();
    await client.getStringValue('colour', 'none', user, { hooks: [{ before }] });
    expect(before.mock.calls[0]?.[0]).toMatchObject({
      flagKey: 'colour',
      flagValueType: 'string',
      defaultValue: 'none',
      context: user,
      clientMetadata: { domain },
      providerMetadata: { name: 'yardarm' },
    });
  });

  it('Requirement 4.1.3, 4.2.2.2, 4.2.2.3: cannot be changed, and neither can what it says of client and provider', async () => {
    const { client, provider } = await ready();
    const failures: unknown[] = [];
    const attempt = (change: () => void) => {
      try {
        change();
      } catch (error) {
        failures.push(error);
      }
    };
    const before = (context: HookContext) => {
      attempt(() => Object.assign(context, { flagKey: 'other' }));
      attempt(() => Object.assign(context, { defaultValue: 'other' }));
      attempt(() => Object.assign(context, { clientMetadata: null }));
      attempt(() => Object.assign(context, { providerMetadata: null }));
    };
    expect(await client.getStringValue('colour', 'none', user, { hooks: [{ before }] })).toBe('red');
    expect(failures).toHaveLength(4);
    expect(provider.metadata.name).toBe('yardarm');
  });

  it('Requirement 4.1.4.1: the provider and later hooks get the context that before hooks leave, and cannot change it', async () => {
    const { client, provider } = await ready();
    const resolve = vi.spyOn(provider, 'resolveStringEvaluation');
    const after = vi.fn();
    await client.getStringValue('members', 'none', user, { hooks: [{ before: () => ({ plan: 'gold' }), after }] });
    expect(after.mock.calls[0]?.[0].context).toEqual({ ...user, plan: 'gold' });
    expect(Object.isFrozen(resolve.mock.calls[0]?.[2])).toBe(true);
  });

  it('Requirement 4.1.5, 4.3.1, 4.6.1: hook data is the hook’s own, of any shape, from its first stage to its last', async () => {
    const { client } = await ready();
    const seen: unknown[] = [];
    const hook = (value: unknown): Hook => ({
      before: ({ hookData }: HookContext) => void hookData.set('mine', value),
      finally: ({ hookData }: HookContext) => void seen.push(hookData.get('mine')),
    });
    await client.getStringValue('colour', 'none', user, { hooks: [hook(new Map()), hook(7)] });
    expect(seen).toEqual([7, new Map()]);
  });
});

it('Requirement 4.2.1, 4.2.2.1, 4.5.1, 4.5.2, 4.5.3: hints reach every stage, and cannot be altered', async () => {
  const { client } = await ready();
  const hookHints = { page: 'checkout', at: new Date(0) };
  const [before, after, last] = [vi.fn(), vi.fn(), vi.fn()];
  await client.getStringValue('colour', 'none', user, { hooks: [{ before, after, finally: last }], hookHints });
  expect([before.mock.calls[0]?.[1], after.mock.calls[0]?.[2], last.mock.calls[0]?.[2]]).toEqual([
    hookHints,
    hookHints,
    hookHints,
  ]);
  expect(Object.isFrozen(before.mock.calls[0]?.[1])).toBe(true);
});

it('Requirement 4.3.2.1: before runs before the provider is asked, and may answer a context', async () => {
  const { client, provider } = await ready();
  const order: string[] = [];
  const resolve = provider.resolveStringEvaluation.bind(provider);
  vi.spyOn(provider, 'resolveStringEvaluation').mockImplementation((...args) => {
    order.push('resolve');
    return resolve(...args);
  });
  const before = () => {
    order.push('before');
    return { plan: 'gold' };
  };
  expect(await client.getStringValue('members', 'none', user, { hooks: [{ before }] })).toBe('blue for members');
  expect(order).toEqual(['before', 'resolve']);
});

it('Requirement 4.3.4, 4.3.5: the context of a before hook reaches the next one, and is merged with what is there', async () => {
  const { client } = await ready();
  const second = vi.fn();
  const hooks = [{ before: () => ({ plan: 'gold' }) }, { before: second }];
  expect(await client.getStringValue('members', 'none', user, { hooks })).toBe('blue for members');
  expect(second.mock.calls[0]?.[0].context).toEqual({ ...user, plan: 'gold' });
});

it('Requirement 4.3.6: after runs with the details', async () => {
  const { client } = await ready();
  const after = vi.fn();
  await client.getStringValue('colour', 'none', user, { hooks: [{ after }] });
  const details: EvaluationDetails<FlagValue> = after.mock.calls[0]?.[1];
  expect(details).toMatchObject({ flagKey: 'colour', value: 'red', variant: 'shown', reason: 'STATIC' });
});

it('Requirement 4.3.7: error runs with what went wrong, be it the provider’s error code or a hook', async () => {
  const { client } = await ready();
  const error = vi.fn();
  await client.getStringValue('nothing', 'none', user, { hooks: [{ error }] });
  await client.getStringValue('colour', 'none', user, { hooks: [{ error, after: fail }] });
  await client.getStringValue('colour', 'none', user, { hooks: [{ error, before: fail }] });
  expect(error.mock.calls.map(([, cause]) => cause.code ?? cause.message)).toEqual(['FLAG_NOT_FOUND', 'failed', 'failed']);
});

it('Requirement 4.3.8: finally runs last, with the details that the caller gets', async () => {
  const { client } = await ready();
  const last = vi.fn();
  const good = await client.getStringDetails('colour', 'none', user, { hooks: [{ finally: last }] });
  const bad = await client.getStringDetails('nothing', 'none', user, { hooks: [{ finally: last }] });
  expect(last.mock.calls.map(([, details]) => details)).toEqual([good, bad]);
});

describe('registration and order', () => {
  it('Requirement 4.4.1, 4.4.2: API, client, invocation, provider on the way in, and back on the way out', async () => {
    const { client, provider } = await ready();
    const calls: string[] = [];
    OpenFeature.addHooks(recorder('api', calls));
    client.addHooks(recorder('client', calls));
    Object.assign(provider, { hooks: [recorder('provider', calls)] });
    const levels = ['api', 'client', 'invocation', 'provider'];
    const expected = (stages: readonly Stage[]) => [
      ...levels.map((level) => `${level}.before`),
      ...stages.flatMap((stage) => [...levels].reverse().map((level) => `${level}.${stage}`)),
    ];
    await client.getStringValue('colour', 'none', user, { hooks: [recorder('invocation', calls)] });
    expect(calls).toEqual(expected(['after', 'finally']));
    calls.length = 0;
    await client.getStringValue('nothing', 'none', user, { hooks: [recorder('invocation', calls)] });
    expect(calls).toEqual(expected(['error', 'finally']));
  });

  it('Requirement 4.4.3, 4.4.4: a finally or error hook that fails keeps neither the others nor the answer back', async () => {
    const { client } = await ready();
    client.setLogger({ error() {}, warn() {}, info() {}, debug() {} });
    const calls: string[] = [];
    const hooks = [recorder('a', calls), recorder('b', calls, ['error', 'finally'])];
    expect(await client.getStringValue('colour', 'none', user, { hooks })).toBe('red');
    expect(await client.getStringValue('nothing', 'none', user, { hooks })).toBe('none');
    expect(calls.filter((call) => /error|finally/.test(call))).toEqual([
      'b.finally',
      'a.finally',
      'b.error',
      'a.error',
      'b.finally',
      'a.finally',
    ]);
  });

  it('Requirement 4.4.5, 4.4.6, 4.4.7: a before hook that fails ends the stage, runs error hooks, and the default is served', async () => {
    const { client } = await ready();
    const calls: string[] = [];
    const hooks = [recorder('a', calls, ['before']), recorder('b', calls)];
    const details = await client.getStringDetails('colour', 'none', user, { hooks });
    expect(details).toMatchObject({ value: 'none', errorMessage: 'a fails' });
    expect(calls).toEqual(['a.before', 'b.error', 'a.error', 'b.finally', 'a.finally']);
  });

  it('Requirement 4.4.5, 4.4.6: an after hook that fails ends the stage and runs error hooks', async () => {
    const { client } = await ready();
    const calls: string[] = [];
    const hooks = [recorder('a', calls), recorder('b', calls, ['after'])];
    await client.getStringValue('colour', 'none', user, { hooks });
    expect(calls).toEqual(['a.before', 'b.before', 'b.after', 'b.error', 'a.error', 'b.finally', 'a.finally']);
  });
});

function fail(): never {
  throw new Error('failed');
}

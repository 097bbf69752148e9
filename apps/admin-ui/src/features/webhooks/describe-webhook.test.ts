import type { Webhook, WebhookDelivery } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { changeWords, deliveryState, describeFilters, stateOf, toCommand } from './describe-webhook.ts';

const webhook = (part: Partial<Webhook>) => ({ enabled: true, pausedUntil: null, failures: 0, ...part }) as Webhook;
const delivery = (part: Partial<WebhookDelivery>) =>
  ({ attempts: 0, lastStatus: null, lastError: null, ...part }) as WebhookDelivery;

describe('describeFilters', () => {
  it('says what it is told of, and where', () => {
    expect(describeFilters({ commands: [], environments: [] })).toBe('every change');
    expect(describeFilters({ commands: ['flag.kill', 'flag.unkill'], environments: ['production'] })).toBe(
      'kills, flags switched on in production',
    );
    expect(['flag.kill', 'key.create', 'change.revert'].map(changeWords)).toEqual(['kill', 'key created', 'change.revert']);
  });
});

describe('stateOf', () => {
  it('takes a pause that is over for none', () => {
    const pausedUntil = '2027-01-01T00:00:00Z';
    expect(stateOf(webhook({ pausedUntil, failures: 9 }), Date.parse(pausedUntil) - 1).tone).toBe('bad');
    expect(stateOf(webhook({ pausedUntil, failures: 1 }), Date.parse(pausedUntil))).toEqual({
      label: '1 failure in a row',
      tone: 'warn',
    });
    expect(stateOf(webhook({ enabled: false, failures: 3 }), 0).tone).toBe('neutral');
  });
});

describe('deliveryState', () => {
  it('tells what was never tried from what is tried again', () => {
    expect(deliveryState(delivery({ state: 'waiting' })).label).toBe('waiting');
    expect(deliveryState(delivery({ state: 'waiting', attempts: 2, lastError: 'No answer.' })).label).toBe('2 attempts failed');
    expect(deliveryState(delivery({ state: 'waiting', attempts: 1, lastStatus: 500 })).label).toBe('1 attempt failed');
    expect(deliveryState(delivery({ state: 'delivered', attempts: 1, lastStatus: 204 })).label).toBe('delivered, 204');
  });

  it('takes a first attempt that has no outcome yet for no failure', () => {
    expect(deliveryState(delivery({ state: 'waiting', attempts: 1 }))).toEqual({ label: 'being sent', tone: 'neutral' });
  });
});

describe('toCommand', () => {
  it('takes what a command looks like', () => {
    expect([' flag.kill ', 'flag', 'Flag.kill'].map(toCommand)).toEqual(['flag.kill', null, null]);
  });
});

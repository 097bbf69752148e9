/** Webhooks in words. Pure. */
import type { Webhook, WebhookDelivery } from '@yardarm/contract';
import type { Tone } from '../../components/ui/badge.tsx';

/** Commands that people want to hear of; others can be typed. */
export const COMMANDS = [
  'flag.kill',
  'flag.unkill',
  'flag.configure',
  'flag.create',
  'flag.update',
  'flag.archive',
  'environment.copy',
  'segment.configure',
  'key.revoke',
] as const;

/** `flag.kill, flag.unkill in production`; `every change`. */
export function describeFilters({ commands, environments }: Pick<Webhook, 'commands' | 'environments'>): string {
  const what = commands.length === 0 ? 'every change' : commands.join(', ');
  return environments.length === 0 ? what : `${what} in ${environments.join(', ')}`;
}

export interface State {
  readonly label: string;
  readonly tone: Tone;
}

export function stateOf({ enabled, pausedUntil, failures }: Webhook, nowMs: number): State {
  if (!enabled) return { label: 'switched off', tone: 'neutral' };
  if (pausedUntil !== null && Date.parse(pausedUntil) > nowMs) return { label: 'paused: it failed too often', tone: 'bad' };
  if (failures > 0) return { label: `${failures} ${failures === 1 ? 'failure' : 'failures'} in a row`, tone: 'warn' };
  return { label: 'works', tone: 'good' };
}

export function deliveryState({ state, attempts, lastStatus, lastError }: WebhookDelivery): State {
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  if (state === 'delivered') return { label: `delivered, ${lastStatus ?? 'no status'}`, tone: 'good' };
  if (state === 'given_up') return { label: `given up after ${times}`, tone: 'bad' };
  // An attempt counts from its start: without an outcome it is the first, and under way.
  if (attempts === 1 && lastStatus === null && lastError === null) return { label: 'being sent', tone: 'neutral' };
  return attempts === 0 ? { label: 'waiting', tone: 'neutral' } : { label: `tried again after ${times}`, tone: 'warn' };
}

/** A command as the server names them; null: this is none. */
export function toCommand(typed: string): string | null {
  const text = typed.trim();
  return /^[a-z_]+\.[a-z_]+$/.test(text) ? text : null;
}

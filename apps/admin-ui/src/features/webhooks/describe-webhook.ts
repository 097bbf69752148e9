/** Webhooks in words. Pure. */
import type { Webhook, WebhookDelivery } from '@yardarm/contract';
import type { Tone } from '../../components/ui/badge.tsx';
import { counted } from '../../lib/counted.ts';

/** What one change by a command is called, and many. People want to hear of these; other commands can be typed. */
const WORDS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  'flag.kill': ['kill', 'kills'],
  'flag.unkill': ['flag switched on', 'flags switched on'],
  'flag.configure': ['change of targeting', 'changes of targeting'],
  'flag.create': ['new flag', 'new flags'],
  'flag.update': ['edit of a flag', 'edits of flags'],
  'flag.archive': ['archived flag', 'archived flags'],
  'environment.copy': ['promotion', 'promotions'],
  'segment.configure': ['change of a segment', 'changes of segments'],
  'key.revoke': ['revoked key', 'revoked keys'],
  'hygiene.digest': ['hygiene digest', 'hygiene digests'],
};
export const COMMANDS = Object.keys(WORDS);

/** Of commands without words of their own: what was done to such a thing. */
const DONE: Readonly<Record<string, string>> = { create: 'created', delete: 'deleted', update: 'changed', set: 'changed' };

/** `kill`; `team created`; of a command without words its name. */
export function changeWords(command: string): string {
  const [thing = '', verb = ''] = command.split('.');
  const done = DONE[verb];
  return WORDS[command]?.[0] ?? (done === undefined ? command : `${thing.replaceAll('_', ' ')} ${done}`);
}

/** `kills, flags switched on in production`; `every change`. */
export function describeFilters({ commands, environments }: Pick<Webhook, 'commands' | 'environments'>): string {
  const what = commands.length === 0 ? 'every change' : commands.map((command) => WORDS[command]?.[1] ?? command).join(', ');
  return environments.length === 0 ? what : `${what} in ${environments.join(', ')}`;
}

export interface State {
  readonly label: string;
  readonly tone: Tone;
}

export function stateOf({ enabled, pausedUntil, failures }: Webhook, nowMs: number): State {
  if (!enabled) return { label: 'switched off', tone: 'neutral' };
  if (pausedUntil !== null && Date.parse(pausedUntil) > nowMs) return { label: 'paused: it failed too often', tone: 'bad' };
  if (failures > 0) return { label: `${counted(failures, 'failure')} in a row`, tone: 'warn' };
  return { label: 'works', tone: 'good' };
}

export function deliveryState({ state, attempts, lastStatus, lastError }: WebhookDelivery): State {
  const times = counted(attempts, 'attempt');
  if (state === 'delivered') return { label: `delivered, ${lastStatus ?? 'no status'}`, tone: 'good' };
  if (state === 'given_up') return { label: `given up after ${times}`, tone: 'bad' };
  // An attempt counts from its start: without an outcome it is the first, and under way.
  if (attempts === 1 && lastStatus === null && lastError === null) return { label: 'being sent', tone: 'neutral' };
  return attempts === 0 ? { label: 'waiting', tone: 'neutral' } : { label: `${times} failed`, tone: 'warn' };
}

/** A command as the server names them; null: this is none. */
export function toCommand(typed: string): string | null {
  const text = typed.trim();
  return /^[a-z_]+\.[a-z_]+$/.test(text) ? text : null;
}

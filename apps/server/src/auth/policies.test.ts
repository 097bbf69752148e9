import { command } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import type { Actor } from './actor.ts';
import { type Action, authorize, can } from './policies.ts';

const ada: Actor = { kind: 'person', id: '1', name: 'ada' };
const ci: Actor = { kind: 'token', id: '2', name: 'ci' };
const system: Actor = { kind: 'system', name: 'bootstrap' };
const COMMANDS = command.options.map((option) => option.shape.type.value);

describe('can', () => {
  it.each(COMMANDS)('lets people and tokens run %s', (type) => {
    expect([can(ada, type, {}), can(ci, type, {})]).toEqual([true, true]);
  });

  it('denies what no rule names', () => {
    for (const action of ['flag.explode', 'constructor', ''])
      expect([ada, ci, system].map((actor) => can(actor, action as Action, {}))).toEqual([false, false, false]);
  });

  it('lets the server set things up, and neither kill nor revoke nor read', () => {
    expect(can(system, 'flag.create', {})).toBe(true);
    for (const action of ['flag.kill', 'key.revoke', 'flag.read'] as const) expect(can(system, action, {})).toBe(false);
  });
});

describe('authorize', () => {
  it('throws `forbidden` and names who, what and where', () => {
    const attempt = () => authorize(system, 'flag.kill', { project: 'web', environment: 'production' });
    expect(attempt).toThrow(AppError);
    expect(attempt).toThrow("bootstrap may not do flag.kill in project 'web', environment 'production'");
  });
});

import { expect, test } from 'vitest';
import { describeRight } from './describe-right.ts';

test.each([
  [{ role: 'admin', actions: [], project: null, environment: null }, 'admin everywhere'],
  [{ role: 'editor', actions: [], project: 'shop', environment: null }, 'editor in shop'],
  [{ role: null, actions: ['flag.kill'], project: 'shop', environment: 'production' }, 'kill flags in shop, production'],
  [{ role: 'viewer', actions: ['flag.snooze'], project: null, environment: null }, 'viewer, flag.snooze everywhere'],
] as const)('%j reads %s', (right, text) => {
  expect(describeRight({ ...right, actions: [...right.actions] })).toBe(text);
});

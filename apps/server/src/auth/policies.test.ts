import { command, ROLES, type Role } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { authorize, can, type Grant, type Principal } from './policies.ts';
import { type Action, actionOf, OWN_ACTIONS } from './roles.ts';

const right = (grant: Partial<Grant>): Grant => ({ role: null, actions: [], project: null, environment: null, ...grant });
const person = (...grants: Grant[]): Principal => ({ actor: { kind: 'person', id: '1', name: 'ada' }, grants });
const withRole = (role: Role) => person(right({ role, project: 'web' }));
const system: Principal = { actor: { kind: 'system', name: 'bootstrap' }, grants: [] };
const COMMANDS = command.options.map((option) => actionOf(option.shape.type.value)).filter((type) => !OWN_ACTIONS.has(type));
const inWeb = { project: 'web', environment: 'production' };

describe('can', () => {
  it.each(COMMANDS)('lets an administrator of everything run %s, and nobody without rights', (type) => {
    expect([can(person(right({ role: 'admin' })), type, inWeb), can(person(), type, inWeb)]).toEqual([true, false]);
  });

  it('denies what no rule names', () => {
    for (const action of ['flag.explode', 'constructor', '__proto__', ''])
      expect([person(right({ role: 'admin' })), system].map((who) => can(who, action as Action, inWeb))).toEqual([false, false]);
  });

  it.each([
    ['flag.read', 'viewer'],
    ['flag.kill', 'editor'],
    ['environment.release', 'releaser'],
    ['key.create', 'admin'],
  ] as const)('brings %s from %s up', (action, least) => {
    const may = ROLES.map((role) => can(withRole(role), action, inWeb));
    expect(may).toEqual(ROLES.map((role) => ROLES.indexOf(role) >= ROLES.indexOf(least)));
  });

  it('holds a right to its project and, where it names one, to its environment', () => {
    const staging = person(right({ role: 'editor', project: 'web', environment: 'staging' }));
    expect(can(staging, 'flag.kill', { project: 'web', environment: 'staging' })).toBe(true);
    expect(can(staging, 'flag.kill', inWeb)).toBe(false);
    expect(can(staging, 'flag.create', { project: 'web' })).toBe(false);
    expect(can(staging, 'flag.read', { project: 'web' })).toBe(true);
    expect(can(staging, 'flag.read', { project: 'api' })).toBe(false);
  });

  it('lets an editor of one environment ask for a revert, which asks again for what it writes', () => {
    const staging = (role: Role) => person(right({ role, project: 'web', environment: 'staging' }));
    expect(can(staging('editor'), 'change.revert', { project: 'web' })).toBe(true);
    expect(can(staging('viewer'), 'change.revert', { project: 'web' })).toBe(false);
    expect(can(staging('editor'), 'change.revert', { project: 'api' })).toBe(false);
  });

  it('lets an administrator of one project do nothing to the instance', () => {
    expect(can(withRole('admin'), 'project.create', {})).toBe(false);
  });

  it('adds up rights, and takes single actions without a role', () => {
    const mixed = person(right({ role: 'viewer', project: 'web' }), right({ actions: ['flag.kill'], ...inWeb }));
    expect(can(mixed, 'flag.kill', inWeb)).toBe(true);
    expect(can(mixed, 'flag.unkill', inWeb)).toBe(false);
    expect(can(person(right({ actions: ['flag.kill'], ...inWeb })), 'flag.read', { project: 'web' })).toBe(true);
  });

  it('lets the server set things up, and neither kill nor revoke nor read', () => {
    expect(can(system, 'flag.create', {})).toBe(true);
    for (const action of ['flag.kill', 'key.revoke', 'flag.read'] as const) expect(can(system, action, {})).toBe(false);
  });
});

describe('authorize', () => {
  it('throws `forbidden` and names who, what and where', () => {
    const attempt = () => authorize(withRole('viewer'), 'flag.kill', inWeb);
    expect(attempt).toThrow(AppError);
    expect(attempt).toThrow("ada may not do flag.kill in project 'web', environment 'production'");
  });

  it('tells whom may not even see a project what an unknown one would tell', () => {
    expect(() => authorize(withRole('admin'), 'flag.kill', { project: 'api' })).toThrow("Project 'api' does not exist.");
  });
});

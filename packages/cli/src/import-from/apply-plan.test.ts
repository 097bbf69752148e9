import { expect, it } from 'vitest';
import type { ApiClient } from '../api-client.ts';
import { ApiError } from '../usage.ts';
import { applyPlan } from './apply-plan.ts';
import { ANY_ENVIRONMENT, type ImportedConfiguration, type ImportedFlag } from './imported.ts';
import { makePlan } from './make-plan.ts';

const ON: ImportedConfiguration = {
  ...{ on: true, offVariant: 'off', prerequisites: [], targets: [], rules: [] },
  fallthrough: { variant: 'on' },
};

function importedFlag(key: string, configuration: ImportedConfiguration): ImportedFlag {
  const about = { key, name: null, description: '', kind: null, tags: [], owner: null, clientSide: false, remarks: [] };
  const variants = { on: true, off: false };
  return { ...about, type: 'boolean', variants, environments: { [ANY_ENVIRONMENT]: configuration } };
}

it('switches on nothing that depends on what the server refused, however far away', async () => {
  const needs = (flag: string) => ({ ...ON, prerequisites: [{ flag, variants: ['on'] }] });
  const rule = { id: 'r', when: { segment: 'beta' }, serve: { variant: 'on' } };
  const plan = makePlan({
    imported: {
      flags: [
        importedFlag('grandchild', needs('child')),
        importedFlag('child', needs('parent')),
        importedFlag('parent', { ...ON, rules: [rule] }),
        importedFlag('alone', ON),
      ],
      segments: [
        {
          key: 'beta',
          name: 'beta',
          environments: { [ANY_ENVIRONMENT]: { include: ['u'], exclude: [], when: null } },
          remarks: [],
        },
      ],
      left: [],
    },
    ...{ flags: [], segments: [], environments: [{ ours: 'production', theirs: ANY_ENVIRONMENT }], owner: 'ada' },
    expiresOn: undefined,
  });
  const switchedOn: string[] = [];
  const one = async () => ({ environments: [{ environment: 'production', version: 1 }] });
  const client = {
    ...{ createSegment: one, getSegment: one, createFlag: one, getFlag: one, configureFlag: one },
    configureSegment: () => Promise.reject(new ApiError('The segment was edited.')),
    switchFlag: async ({ flag }: { flag: string }) => void switchedOn.push(flag),
  } as unknown as ApiClient;
  const applied = await applyPlan(client, 'shop', plan, 'import');
  expect(switchedOn).toEqual(['alone']);
  expect(applied.flags).toEqual(['alone']);
  expect(applied.refused.map(({ key }) => key)).toEqual(['beta', 'parent', 'child', 'grandchild']);
});

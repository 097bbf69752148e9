import type { Change } from '@yardarm/contract';
import { expect, it } from 'vitest';
import type { ApiClient } from '../api-client.ts';
import { ApiError, UnreachableError } from '../usage.ts';
import { applyPlan } from './apply-plan.ts';
import { ANY_ENVIRONMENT, type ImportedConfiguration, type ImportedFlag } from './imported.ts';
import { makePlan, type Plan } from './make-plan.ts';

const ON: ImportedConfiguration = {
  ...{ on: true, offVariant: 'off', prerequisites: [], targets: [], rules: [] },
  fallthrough: { variant: 'on' },
};

function importedFlag(key: string, configuration: ImportedConfiguration): ImportedFlag {
  const about = { key, name: null, description: '', kind: null, tags: [], owner: null, clientSide: false, remarks: [] };
  const variants = { on: true, off: false };
  return { ...about, type: 'boolean', variants, environments: { [ANY_ENVIRONMENT]: configuration } };
}

const needs = (flag: string) => ({ ...ON, prerequisites: [{ flag, variants: ['on'] }] });
const one = async () => ({ environments: [{ environment: 'production', version: 1 }] });

function planOf(flags: readonly ImportedFlag[], segmentKeys: readonly string[] = []) {
  const segments = segmentKeys.map((key) => ({
    ...{ key, name: key, remarks: [] },
    environments: { [ANY_ENVIRONMENT]: { include: ['u'], exclude: [], when: null } },
  }));
  return makePlan({
    imported: { flags, segments, left: [] },
    ...{
      flags: [],
      segments: [],
      touched: new Set<string>(),
      environments: [{ ours: 'production', theirs: ANY_ENVIRONMENT }],
      owner: 'ada',
    },
    expiresOn: undefined,
    missingRights: () => [],
  });
}

/** A server that takes everything but what `refuse` refuses. */
function clientOf(switchedOn: string[], refuse: Partial<Record<keyof ApiClient, (flag: string) => boolean>>): ApiClient {
  const taken = (name: keyof ApiClient) => async (place: { readonly flag?: string }) => {
    if (refuse[name]?.(place.flag ?? '')) throw new ApiError('It was edited.');
    return one();
  };
  return {
    ...{ createSegment: one, createFlag: one, configureFlag: one },
    configureSegment: taken('configureSegment'),
    switchFlag: async (place: { readonly flag: string }) => {
      await taken('switchFlag')(place);
      switchedOn.push(place.flag);
    },
  } as unknown as ApiClient;
}

it('switches on nothing that depends on what the server refused, however far away', async () => {
  const rule = { id: 'r', when: { segment: 'beta' }, serve: { variant: 'on' } };
  const plan = planOf(
    [
      importedFlag('grandchild', needs('child')),
      importedFlag('child', needs('parent')),
      importedFlag('parent', { ...ON, rules: [rule] }),
      importedFlag('alone', ON),
      importedFlag('beta', ON),
    ],
    ['beta'],
  );
  const switchedOn: string[] = [];
  const applied = await applyPlan(clientOf(switchedOn, { configureSegment: () => true }), 'shop', plan, 'import');
  // A flag of the segment's name has nothing to do with it.
  expect(switchedOn).toEqual(['alone', 'beta']);
  expect(applied.flags).toEqual(['alone', 'beta']);
  expect(applied.refused.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
    ...['segment beta', 'flag parent', 'flag child', 'flag grandchild'],
  ]);
});

it('switches on what others ask for before them, and them not at all where that is refused', async () => {
  const plan = planOf([importedFlag('child', needs('parent')), importedFlag('parent', ON), importedFlag('refused', ON), importedFlag('orphan', needs('refused'))]); // biome-ignore format: one line
  const switchedOn: string[] = [];
  const client = clientOf(switchedOn, { switchFlag: (flag) => flag === 'refused' });
  const applied = await applyPlan(client, 'shop', plan, 'import');
  expect(switchedOn).toEqual(['parent', 'child']);
  expect(applied.refused.map(({ key }) => key)).toEqual(['refused', 'orphan']);
});

it('leaves what it had finished as planned where the server goes away in the middle', async () => {
  const done: string[] = [];
  const client = {
    ...clientOf([], {}),
    createFlag: async (_project: string, { key }: { readonly key: string }) => {
      if (key === 'last') throw new UnreachableError('No answer.');
      done.push(`create ${key}`);
    },
    configureFlag: async ({ flag }: { readonly flag: string }, _input: object, version: number) =>
      done.push(`configure ${flag} at ${version}`),
    switchFlag: async ({ flag }: { readonly flag: string }, verb: string) => done.push(`${verb} ${flag}`),
  } as unknown as ApiClient;
  const plan = planOf([importedFlag('child', needs('parent')), importedFlag('parent', ON), importedFlag('last', ON)]);
  const applied = await applyPlan(client, 'shop', plan, 'import');
  expect(applied).toEqual({ segments: [], flags: ['child', 'parent'], refused: [], interrupted: 'No answer.' });
  // Edits are based on the version that nobody has touched, so that none is written over.
  expect(done).toEqual(['parent', 'child'].flatMap((key) => [`create ${key}`, `configure ${key} at 1`, `unkill ${key}`]));
});

it('does not look at every flag again before each', async () => {
  const rule = { id: 'r', when: { segment: 'beta' }, serve: { variant: 'on' } };
  const plan = planOf(
    Array.from({ length: 50 }, (_, index) => importedFlag(`f${index}`, ON)),
    ['beta'],
  );
  let looks = 0;
  const watched: Plan = {
    ...plan,
    flags: plan.flags.map((flag) => ({
      ...flag,
      configurations: new Map([
        [
          'production',
          {
            ...ON,
            get rules() {
              looks++;
              return [rule];
            },
          },
        ],
      ]),
    })),
  };
  await applyPlan(clientOf([], {}), 'shop', watched, 'import');
  expect(looks).toBeLessThan(50 * 5);
});

it('asks again whether nobody has touched a flag that was there, since the plan may be minutes old', async () => {
  const plan = planOf([importedFlag('killed', ON), importedFlag('untouched', ON)]);
  const finishing: Plan = { ...plan, flags: plan.flags.map((flag) => ({ ...flag, verdict: 'finish' })) };
  const switchedOn: string[] = [];
  const configured: string[] = [];
  const client = {
    ...clientOf(switchedOn, {}),
    configureFlag: async ({ flag }: { readonly flag: string }) => configured.push(flag),
    listChanges: async (_: string, query: URLSearchParams) =>
      [{ command: 'flag.create' }, ...(query.get('flag') === 'killed' ? [{ command: 'flag.kill' }] : [])] as Change[],
  } as unknown as ApiClient;
  const applied = await applyPlan(client, 'shop', finishing, 'import');
  expect([configured, switchedOn]).toEqual([['untouched'], ['untouched']]);
  expect(applied.refused).toMatchObject([
    { key: 'killed', sentence: 'Somebody switched or edited it in production since the plan was made; import again.' },
  ]);
});

import { readFileSync } from 'node:fs';
import { type FlagType, type FlagValue, resolve } from '@yardarm/evaluator';
import fc from 'fast-check';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANY_ENVIRONMENT, type Imported, isRefused, SourceError } from '../imported.ts';
import { movedInThousand } from '../re-bucketed.ts';
import { compareShares } from '../testing/compare-shares.ts';
import { importedRules } from '../testing/imported-rules.ts';
import { unleashSource } from './unleash-source.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const DEFAULTS: { readonly [type in FlagType]: FlagValue } = { boolean: true, string: 'code', number: -404, object: { code: 1 } };

const read = (name: string) => readFileSync(new URL(`definitions/${name}`, import.meta.url), 'utf8');
const source = (text: string) => unleashSource(text, { file: 'features.json', nowMs: NOW_MS });
const imported = source(read('features.json'));
const rules = importedRules(imported);
type Flag = Imported['flags'][number];
const flagOf = (key: string) => imported.flags.find((flag) => flag.key === key) as Flag;
const dealtAnew = imported.flags.filter(({ remarks }) => remarks.some(({ code }) => code === 're-bucketed'));

let unleash: Unleash;
beforeAll(async () => {
  const { features, segments } = JSON.parse(read('features.json')) as { features: never[]; segments: never[] };
  unleash = new Unleash({
    // Nothing listens there: everything it knows it has from the definitions.
    ...{ appName: 'import', environment: 'default', url: 'http://127.0.0.1:9/', refreshInterval: 0, disableMetrics: true },
    ...{ skipInstanceCountWarning: true, storageProvider: new InMemStorageProvider(), bootstrap: { data: features, segments } },
  });
  unleash.on('error', () => {});
  await new Promise<void>((resolve) => unleash.once('ready', resolve));
});
afterAll(() => unleash.destroy());

interface Context {
  readonly targetingKey?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly remoteAddress?: string | undefined;
  readonly [property: string]: unknown;
}

/** What a call of Unleash's SDK means to a flag of that type. */
function theirs(
  { key, type, variants }: Flag,
  { targetingKey, sessionId, remoteAddress, ...properties }: Context,
  nowMs = NOW_MS,
) {
  const context = {
    ...(targetingKey !== undefined && { userId: targetingKey }),
    ...(sessionId !== undefined && { sessionId }),
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...{ properties: properties as { [property: string]: string }, currentTime: new Date(nowMs) },
  };
  if (type === 'boolean') return unleash.isEnabled(key, context);
  const { name, payload } = unleash.getVariant(key, context);
  if (Object.hasOwn(variants, 'disabled')) return name;
  if (payload === undefined) return DEFAULTS[type];
  return payload.type === 'string' ? payload.value : (JSON.parse(payload.value) as FlagValue);
}

const ours = ({ key, type }: Flag, context: Context, nowMs = NOW_MS) =>
  resolve(rules, key, type, context, nowMs).value ?? DEFAULTS[type];

/** Everything that an attribute can hold but what `DIFFERENCES` lists: numbers as texts and texts as numbers, lists. */
const contexts = fc.record(
  {
    targetingKey: fc.constantFrom('u1', 'u2', 'u3', '5', ''),
    sessionId: fc.constantFrom('s1', 's2', ''),
    remoteAddress: fc.constantFrom('10.0.0.1', '10.0.0.2', '192.168.0.77', '192.168.1.1', '::1', '::2', 'nowhere'),
    company: fc.constantFrom('c1', 'c2', '', null),
    country: fc.constantFrom('NO', 'no', 'SE', ' SE ', 'DE', '', null, 5, true),
    code: fc.constantFrom('5', 5, '1.5', 1.5, '05', 'true', true, false, '', null),
    email: fc.constantFrom('admin@example.com', 'Admin@Example.COM', 'root', 'x@example.org', 'true', '', null, true, false),
    beta: fc.constantFrom('true', true, false, 'false', 'yes', '', null),
    age: fc.oneof(
      fc.constantFrom(17, 18, 19, 0, -1.5, -2, '', 'old', null, true, false),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    version: fc.constantFrom(
      '1.2.3',
      '1.2.4',
      '1.2.3-rc.1',
      '1.2.3-rc.2',
      '1.2.3-alpha',
      '1.2.3+build',
      '2.0.0',
      '0.9.9',
      '1.2',
      '1',
      'v1.2.4',
      'latest',
      '',
      null,
      1.2,
      true,
    ),
  },
  { requiredKeys: [] },
);

describe('Unleash: what is imported', () => {
  it('covers at least forty definitions, and leaves none of them out', () => {
    expect(imported.left).toEqual([]);
    expect(imported.flags.length).toBeGreaterThanOrEqual(40);
    expect(imported.segments.map(({ key }) => key)).toEqual(['Nordic', 'grown-ups', 'everybody']);
  });

  it("gives the value that Unleash's own SDK gives", () => {
    const judged = imported.flags.filter((flag) => !dealtAnew.includes(flag));
    expect(judged.length).toBeGreaterThanOrEqual(40);
    let on = 0;
    fc.assert(
      fc.property(contexts, fc.constantFrom(-1, 0, 1, 86_400_000), (context, laterMs) => {
        for (const flag of judged) {
          const [expected, actual] = [theirs(flag, context, NOW_MS + laterMs), ours(flag, context, NOW_MS + laterMs)];
          if (actual === true) on++;
          if (JSON.stringify(expected) !== JSON.stringify(actual))
            expect.fail(
              `${flag.key} for ${JSON.stringify(context)}: ${JSON.stringify(actual)}, and Unleash ${JSON.stringify(expected)}`,
            );
        }
      }),
      { numRuns: 400 },
    );
    expect(on).toBeGreaterThan(400);
  });

  it('keeps the shares of a rollout that it deals anew, and foresees how many move', () => {
    expect(dealtAnew.map(({ key }) => key)).toEqual([
      ...['rollout-quarter', 'rollout-by-user', 'rollout-by-company', 'gradual-user', 'gradual-session', 'rollout-and-users'],
      ...['two-rollouts', 'half-and-half', 'thirds-by-company', 'rollout-of-variants'],
    ]);
    const units = Array.from({ length: 10_000 }, (_, index) => `unit-${index}`);
    for (const flag of dealtAnew) {
      const { tally, moved } = compareShares(units, (unit) => {
        const context = { targetingKey: unit, sessionId: unit, company: unit };
        return [theirs(flag, context), ours(flag, context)];
      });
      for (const [before, after] of tally) expect(Math.abs(before - after) / units.length, flag.key).toBeLessThan(0.025);
      expect(Math.abs(moved / 10 - movedInThousand(tally.map(([before]) => before))), flag.key).toBeLessThan(25);
    }
  });

  it('deals only where Unleash deals: who is under no strategy, or whole ones, has the same value', () => {
    for (const [key, context] of [
      ['rollout-and-users', { targetingKey: 'u1' }],
      ['rollout-by-user', { sessionId: 's' }],
      ['rollout-by-company', { targetingKey: 'u1' }],
      ['gradual-session', { targetingKey: 'u1' }],
      ['rollout-of-variants', { sessionId: 's1' }],
      ['rollout-by-user', { targetingKey: '' }],
    ] as const)
      expect([key, ours(flagOf(key), context)]).toEqual([key, theirs(flagOf(key), context)]);
  });

  it('gives whoever is under two rollouts of one group the larger share, as Unleash does', () => {
    const units = Array.from({ length: 5_000 }, (_, index) => ({ targetingKey: `unit-${index}`, country: 'NO' }));
    const share = (decide: typeof ours) =>
      units.filter((context) => decide(flagOf('two-rollouts'), context) === true).length / units.length;
    expect(share(ours)).toBeCloseTo(0.7, 1);
    expect(share(theirs as typeof ours)).toBeCloseTo(0.7, 1);
  });

  it('reads an export, whose environment has a name, and says where it holds too little', () => {
    const { flags, segments, left } = source(read('export.json'));
    expect(left).toEqual([]);
    const checkout = flags.find(({ key }) => key === 'checkout') as Flag;
    expect(checkout).toMatchObject({ kind: 'release', description: 'The new one', tags: ['shop', 'team:payments'] });
    const { production } = checkout.environments;
    if (production === undefined || isRefused(production)) return expect.fail('checkout has no configuration');
    expect(production.rules.map(({ when }) => when)[0]).toEqual({ attribute: 'targetingKey', op: 'in', values: ['u1'] });
    expect([production.on, production.rules.length, production.fallthrough]).toEqual([true, 3, { variant: 'off' }]);
    expect(segments[0]?.environments.production).toMatchObject({ obstacles: [{ key: 'staff', place: '/segments/0' }] });
  });
});

/** The reviewed list: contexts that the property above keeps away from, each with what it gives on both sides. See docs/importing.md. */
const DIFFERENCES: readonly [why: string, flag: string, context: Context, theirs: unknown, ours: unknown][] = [
  ['a number that the context holds as a text', 'number-above', { age: '20' }, true, false],
  ['a number in another spelling', 'number-equal', { age: '018' }, true, false],
  ['a text operator on a number', 'starts-with-inverted', { email: 5 }, true, true],
  ['a list, of which Unleash makes one text', 'in', { country: ['NO', 'SE'] }, false, true],
  ['a version with blanks in front of it', 'version-above', { version: ' 1.2.4' }, true, false],
];

describe('Unleash: the listed differences', () => {
  it.each(DIFFERENCES)('%s', (_, key, context, expected, actual) => {
    expect([theirs(flagOf(key), context), ours(flagOf(key), context)]).toEqual([expected, actual]);
  });
});

describe('Unleash: what is refused', () => {
  const refused = source(read('refused.json'));

  it('leaves out every feature that cannot be said exactly, with the place and the reason', () => {
    // The parents of those that are refused for what they depend on.
    expect(refused.flags.map(({ key }) => key)).toEqual(['a', 'b', 'named']);
    const { features } = JSON.parse(read('refused.json')) as { features: { name: string }[] };
    expect(refused.left.map(({ key }) => key)).toEqual(
      features.map(({ name }) => name).filter((name) => !['a', 'b', 'named'].includes(name)),
    );
    for (const { place, sentence } of refused.left)
      expect([place.startsWith('/features/'), /^\S.*\.$/.test(sentence)]).toEqual([true, true]);
  });

  it('refuses a file that is none of Unleash, by name and place', () => {
    expect(() => source('{"flags":{}}')).toThrow(SourceError);
    expect(() => source('{"flags":{}}')).toThrow("features.json has no list 'features' (/features)");
  });

  it('knows what its SDKs fetch to be of no environment in particular', () => {
    expect(Object.keys(flagOf('default').environments)).toEqual([ANY_ENVIRONMENT]);
  });

  it('names a feature of an export that is in none of its environments', () => {
    const text = JSON.stringify({ features: [{ name: 'lost' }], featureStrategies: [], featureEnvironments: [] });
    expect(source(text)).toMatchObject({ flags: [], left: [{ kind: 'flag', key: 'lost', place: '/features/0' }] });
  });

  it('brings no archived feature over, and nothing whose constraints are no list of them', () => {
    const strategies = [{ name: 'default', constraints: { a: 1 } }];
    const features = [
      { name: 'old', enabled: true, archived: true },
      { name: 'odd', enabled: true, strategies },
    ];
    const { flags, left } = source(JSON.stringify({ features }));
    expect([flags, left.map(({ key }) => key)]).toEqual([[], ['old', 'odd']]);
  });

  it.each([
    [{ features: [{ name: 'odd', enabled: true, strategies: ['default'] }] }, '/features/0/strategies'],
    [{ features: [{ name: 'odd', enabled: true, strategies: { name: 'userWithId' } }] }, '/features/0/strategies'],
    [{ features: [], featureStrategies: [null] }, '/featureStrategies'],
  ])('refuses a file that has something else than strategies: %j', (file, place) => {
    expect(() => source(JSON.stringify(file))).toThrow(`a list of strategies at ${place}`);
  });
});

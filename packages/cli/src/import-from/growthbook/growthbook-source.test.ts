/** What is imported against GrowthBook's own SDK, which reads the same features. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { SourceError } from '../imported.ts';
import { expectWhole } from '../testing/whole.ts';
import { growthBookSource } from './growthbook-source.ts';
import { both, DEFAULT, ours, theirs } from './testing/both.ts';
import { attributes } from './testing/contexts.ts';
import { FEATURES, featureWhen, GROUPS } from './testing/definitions.ts';

const options = { file: 'features.json', nowMs: 0 };

// Their SDK complains of bad weights each time that it mends them.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));

/** Serve one thing to everybody, by what they are about. */
const CONSTANT = ['no-rules', 'in-nothing', 'or-nothing', 'nor-nothing', 'experiment-of-one'];

/** Reviewed: dealt anew, since GrowthBook hashes otherwise. Who gets what is not the same, and is the one thing that is not. */
const DEALT_ANEW = [
  ...[
    'coverage-half',
    'coverage-and-rules',
    'coverage-of-teams',
    'coverages-of-one-seed',
    'coverages-of-two-seeds',
    'range-of-rollout',
  ],
  ...[
    'experiment',
    'experiment-covered',
    'experiment-of-thirds',
    'experiment-beyond-one',
    'experiment-bad-weights',
    'experiment-ranges',
    'experiment-passthrough',
  ],
  ...['experiment-in-namespace', 'experiment-filtered'],
];

describe('a file of GrowthBook, imported', () => {
  const sides = both(FEATURES);

  it('comes over whole: 40 definitions and more, none refused', () => {
    expectWhole(growthBookSource(JSON.stringify({ features: FEATURES, savedGroups: GROUPS }), options), DEALT_ANEW);
  });

  it.each(Object.keys(FEATURES))('%s serves what their SDK serves', (key) => {
    const seen = new Set<unknown>();
    fc.assert(
      fc.property(attributes, (of) => {
        const { value, reason, errorCode } = ours(sides, key, of);
        const expected = theirs(sides, key, of);
        seen.add(JSON.stringify(expected));
        expect(errorCode).toBeUndefined();
        if (reason !== 'SPLIT' || !DEALT_ANEW.includes(key)) expect(value).toEqual(expected);
      }),
      // Some of these answers are one of twenty: of 200, one run in thousands met them in none.
      { numRuns: 500 },
    );
    if (!CONSTANT.includes(key)) expect(seen.size).toBeGreaterThan(1);
  });
});

/** Reviewed: where the two differ, for good. Everything else must agree. */
const DIFFERENCES = [
  ['a list of several compared with a text', featureWhen({ plan: 'a' }), { plan: ['a', 'b'] }, false, true],
  ['a list of one with the same, strictly', featureWhen({ plan: { $eq: 'a' } }), { plan: ['a'] }, false, true],
  ['a list that is not a text', featureWhen({ plan: { $ne: 'a' } }), { plan: ['a'] }, true, false],
  ['an empty list as the empty text', featureWhen({ plan: '' }), { plan: [] }, true, false],
  ['an object as true', featureWhen({ plan: true }), { plan: {} }, true, false],
  ['a list that holds false as true', featureWhen({ plan: true }), { plan: [false] }, true, false],
  ['another way to write a number', featureWhen({ plan: 5 }), { plan: '5.0' }, true, false],
  ['a list of texts as a text', featureWhen({ plan: { $type: 'string' } }), { plan: ['a'] }, false, true],
  ['a text as a number', featureWhen({ age: { $gt: 18 } }), { age: '19' }, true, false],
  ['true as a number', featureWhen({ age: { $lt: 18 } }), { age: true }, true, false],
  ['a number for a pattern', featureWhen({ plan: { $regex: '5' } }), { plan: 5 }, true, false],
  ['a list for a pattern', featureWhen({ plan: { $regex: '^b' } }), { plan: ['a', 'b'] }, false, true],
  ['a text of more than 1,024 characters', featureWhen({ plan: { $regex: 'x' } }), { plan: 'x'.repeat(1_025) }, true, false],
  ['an emoji for a dot', featureWhen({ plan: { $regex: '^.$' } }), { plan: '😀' }, false, true],
  ['a version of two numbers', featureWhen({ version: { $vlt: '2.0.0' } }), { version: '2.0' }, true, false],
  ['a version of four numbers', featureWhen({ version: { $vlt: '2.0.0' } }), { version: '2.0.0.0' }, true, false],
  ['a version of six digits', featureWhen({ version: { $vgt: '20000.0.0' } }), { version: '100000.0.0' }, false, true],
  ['a text that is no version', featureWhen({ version: { $vgt: '2.0.0' } }), { version: 'x' }, true, false],
  ['a single value where a list is asked for', featureWhen({ plan: { $all: ['a'] } }), { plan: 'a' }, false, true],
  ['the same of one element', featureWhen({ plan: { $elemMatch: { $eq: 'a' } } }), { plan: 'a' }, false, true],
  ['a null in a list', featureWhen({ plan: { $all: ['null'] } }), { plan: [null] }, true, false],
  ['true to deal by', { defaultValue: false, rules: [{ force: true, coverage: 1 }] }, { id: true }, true, false],
  ['a list to deal by', { defaultValue: false, rules: [{ force: true, coverage: 0.999 }] }, { id: ['a'] }, true, DEFAULT],
  ['a fraction to deal by', { defaultValue: false, rules: [{ force: true, coverage: 0.999 }] }, { id: 1.5 }, true, DEFAULT],
] as const;

describe('what differs from GrowthBook for good', () => {
  it.each(DIFFERENCES)('%s, and the plan says so', (_, body, of, expected, here) => {
    const sides = both({ f: body });
    expect(theirs(sides, 'f', of)).toBe(expected);
    expect(ours(sides, 'f', of).value).toBe(here);
    const [imported] = growthBookSource(JSON.stringify({ features: { f: body } }), options).flags;
    expect(imported?.remarks.map(({ code }) => code)).toContain('changes-meaning');
  });
});

describe('a share of GrowthBook', () => {
  const sides = both(FEATURES);
  const units = 1_500;
  const of = (index: number) => ({
    id: `unit-${index}`,
    team: `team-${index}`,
    plan: index % 2 === 0 ? 'pro' : 'free',
    age: index % 3 === 0 ? 19 : 5,
  });

  it.each(DEALT_ANEW)('%s keeps its size among those whom it matches, whatever rules are around it', (key) => {
    for (const parity of [0, 1, 2, 3, 4, 5]) {
      const counts = { there: new Map<unknown, number>(), here: new Map<unknown, number>() };
      for (let index = parity; index < 6 * units; index += 6) {
        const [there, here] = [theirs(sides, key, of(index)), ours(sides, key, of(index)).value];
        counts.there.set(there, (counts.there.get(there) ?? 0) + 1 / units);
        counts.here.set(here, (counts.here.get(here) ?? 0) + 1 / units);
      }
      expect([...counts.here.keys()].sort()).toEqual([...counts.there.keys()].sort());
      for (const [value, share] of counts.there) expect(Math.abs(share - (counts.here.get(value) ?? 0))).toBeLessThan(0.08);
    }
  });

  it('is as wide as there where weights miss 1 by a hundredth, which still count', () => {
    const weights = (key: string) => {
      const [imported] = growthBookSource(JSON.stringify({ features: { f: FEATURES[key] } }), options).flags;
      return imported?.environments['*'];
    };
    const named = (...all: readonly (readonly [string, number])[]) => ({ rules: [{ serve: { split: { weights: all } } }] });
    expect(weights('experiment-of-thirds')).toMatchObject(named(['a', 33_000], ['b', 33_000], ['c', 33_000], ['default', 1_000]));
    expect(weights('experiment-beyond-one')).toMatchObject(named(['a', 51_000], ['b', 49_000]));
  });

  it('says how many in a thousand are dealt anew', () => {
    const [imported] = growthBookSource(JSON.stringify({ features: { experiment: FEATURES.experiment } }), options).flags;
    const said = Number(
      /about (\d+) in a thousand/.exec(imported?.remarks.find(({ code }) => code === 're-bucketed')?.sentence ?? '')?.[1],
    );
    let moved = 0;
    for (let index = 0; index < units; index++)
      if (theirs(sides, 'experiment', of(index)) !== ours(sides, 'experiment', of(index)).value) moved += 1_000 / units;
    expect(said).toBe(620);
    expect(Math.abs(moved - said)).toBeLessThan(60);
  });

  it('of a namespace goes on excluding the other shares of it', () => {
    const trial = (from: number, to: number) => ({
      defaultValue: 'out',
      rules: [{ variations: ['a', 'b'], namespace: ['checkout', from, to] }],
    });
    const inNamespace = both({ first: trial(0, 0.4), second: trial(0.4, 0.9) });
    const taken = { none: 0, first: 0, second: 0, both: 0 };
    for (let index = 0; index < units; index++) {
      const [first, second] = ['first', 'second'].map((key) => ours(inNamespace, key, of(index)).value !== 'out');
      taken[first ? (second ? 'both' : 'first') : second ? 'second' : 'none']++;
    }
    expect(taken.both).toBe(0);
    expect(taken.first / units).toBeCloseTo(0.4, 1);
    expect(taken.second / units).toBeCloseTo(0.5, 1);
  });

  it('keeps the seed as the salt, so that equal seeds stay aligned', () => {
    const imported = growthBookSource(
      JSON.stringify({ features: { f: FEATURES['coverage-of-teams'], g: FEATURES['coverage-half'] } }),
      options,
    );
    const [f, g] = imported.flags.map(({ environments }) => JSON.stringify(environments['*']));
    expect(f).toContain('"salt":"seed"');
    expect(g).not.toContain('"salt"');
  });
});

const split = { force: true, coverage: 0.5 };
/** What stays behind, with a part of the reason. */
const REFUSED = [
  ['an unknown operator', featureWhen({ plan: { $notRegex: 'x' } }), "'$notRegex'"],
  ['the size of a list', featureWhen({ tags: { $size: 2 } }), "'$size'"],
  ['a whole list', featureWhen({ tags: ['a'] }), 'whole object or list'],
  ['a whole object', featureWhen({ company: { plan: 'pro' } }), 'whole object or list'],
  ['an order of texts', featureWhen({ plan: { $gt: 'a' } }), 'orders texts'],
  ['a date as a text', featureWhen({ joined: { $gt: '2026-01-01T00:00:00Z' } }), 'orders texts'],
  ['several things of one element', featureWhen({ scores: { $elemMatch: { $gt: 5, $lt: 9 } } }), 'one element'],
  ['members of an element', featureWhen({ items: { $elemMatch: { name: 'x' } } }), 'one element'],
  ['an element that is not something', featureWhen({ tags: { $elemMatch: { $ne: 'x' } } }), 'one element'],
  ['a list that is no list', featureWhen({ plan: { $in: 'pro' } }), 'needs a list'],
  ['nothing to look for', featureWhen({ tags: { $all: [] } }), 'needs a list'],
  ['the type of a list', featureWhen({ tags: { $type: 'array' } }), "'array'"],
  ['a broken pattern', featureWhen({ plan: { $regex: '(' } }), 'pattern'],
  ['a version of two numbers', featureWhen({ version: { $vgt: '2.0' } }), 'three numbers'],
  ['a saved group that is not there', featureWhen({ id: { $inGroup: 'none' } }), "'none'"],
  ['a path into a list', featureWhen({ 'tags.0': 'a' }), "'tags.0'"],
  ['a name of JavaScript', featureWhen({ toString: 'a' }), "'toString'"],
  ['an attribute in the place of the id', featureWhen({ targetingKey: 'a' }), "'targetingKey'"],
  ['no condition', featureWhen({ $or: 'x' }), 'no condition'],
  ['an unknown version of the hash', { defaultValue: false, rules: [{ ...split, hashVersion: 3 }] }, 'version 3'],
  ['a name with a dot to deal by', { defaultValue: false, rules: [{ ...split, hashAttribute: 'company.id' }] }, "'company.id'"],
  [
    'two attributes to deal by',
    { defaultValue: false, rules: [split, { ...split, force: false, hashAttribute: 'team' }, { force: true }] },
    'several attributes',
  ],
  [
    'two namespaces',
    { defaultValue: 0, rules: [1, 3].map((one) => ({ variations: [one, one + 1], namespace: [`n${one}`, 0, 0.5] })) },
    'namespaces',
  ],
  ['null to a share', { defaultValue: null, rules: [split] }, 'null'],
  ['null by a rule', { defaultValue: true, rules: [{ force: null }] }, 'null'],
  ['a feature that one rule asks for', { defaultValue: false, rules: [{ ...parent('open', true), force: true }] }, 'in one rule'],
  ['a gate behind a rule', { defaultValue: false, rules: [split, parent('open', true, true)] }, 'in one rule'],
  ['a gate that is not there', { defaultValue: false, rules: [parent('none', true, true)] }, "'none'"],
  ['a gate that never opens', { defaultValue: false, rules: [parent('open', 'x', true)] }, 'never'],
  ['a gate that null opens', { defaultValue: false, rules: [parent('nothing', { $ne: true }, true)] }, 'null'],
  [
    'more rules than there may be',
    { defaultValue: 0, rules: Array.from({ length: 8 }, (_, index) => covered(index)) },
    'more than 100',
  ],
] as const;

function parent(id: string, value: unknown, gate?: boolean) {
  return { parentConditions: [{ id, condition: { value }, ...(gate && { gate }) }] };
}

/** Each doubles the rules behind it. */
function covered(index: number) {
  return { condition: { [`a${index}`]: 'x' }, force: index + 1, coverage: 0.5 };
}

describe('what GrowthBook can say and we cannot', () => {
  it.each(REFUSED)('%s is refused with the reason', (_, body, reason) => {
    const others = { open: { defaultValue: true }, nothing: { defaultValue: null, rules: [{ force: false }] } };
    const imported = growthBookSource(JSON.stringify({ features: { f: body, ...others } }), options).flags.find(
      ({ key }) => key === 'f',
    );
    const environment = imported?.environments['*'] as { obstacles?: { sentence: string }[] };
    expect(environment.obstacles?.map(({ sentence }) => sentence).join(' ')).toContain(reason);
  });

  it.each([
    ['several types', { defaultValue: 1, rules: [{ force: 'x' }] }, ''],
    ['lists', { defaultValue: [1] }, ''],
    ['nothing', {}, ''],
    ['a member that is not known', { defaultValue: 1, rules: [{ force: 2, schedule: 'x' }] }, '/rules/0'],
  ])('a feature of %s is named as left behind', (_, body, at) => {
    const { flags, left } = growthBookSource(JSON.stringify({ features: { f: body } }), options);
    expect(flags).toEqual([]);
    expect(left).toMatchObject([{ kind: 'flag', key: 'f', place: `/features/f${at}` }]);
  });

  it.each(['{', '[]', '{"flags":{}}', '{"encryptedFeatures":"x"}'])('%s is no file of GrowthBook', (text) => {
    expect(() => growthBookSource(text, options)).toThrow(SourceError);
  });

  it('an encrypted answer is not taken for one without features, which it has beside what is encrypted', () => {
    expect(() => growthBookSource('{"status":200,"features":{},"encryptedFeatures":"x"}', options)).toThrow('is encrypted');
  });
});

describe('the features of the API', () => {
  const definition = JSON.stringify(FEATURES.in);
  const api = {
    features: [
      {
        ...{ id: 'f', description: 'For pros.', owner: 'ann@example.com', tags: ['checkout'], archived: false },
        environments: {
          production: { enabled: true, definition },
          test: { enabled: false, definition },
          bare: { enabled: false },
        },
      },
      { id: 'old', archived: true, environments: {} },
      { id: 'bare', environments: { production: { enabled: true } } },
    ],
  };

  it('become the same as what an SDK receives, in every environment by its name', () => {
    const imported = growthBookSource(JSON.stringify(api), options);
    const sdk = growthBookSource(JSON.stringify({ features: { f: FEATURES.in } }), options);
    expect(imported.flags).toMatchObject([
      { key: 'f', description: 'For pros.', owner: 'ann@example.com', tags: ['checkout'], type: 'boolean' },
    ]);
    const [{ environments = {} } = {}] = imported.flags;
    expect(environments.production).toEqual(sdk.flags[0]?.environments['*']);
    expect(environments.test).toEqual({ ...environments.production, on: false });
    expect(environments.bare).toMatchObject({ on: false, offVariant: null, rules: [], fallthrough: null });
    expect(imported.flags[0]?.remarks.filter(({ environment }) => environment === 'bare')).toMatchObject([
      { code: 'changes-meaning', sentence: expect.stringContaining('nothing of its rules') },
    ]);
    expect(imported.left).toMatchObject([
      { key: 'old', place: '/features/1/archived' },
      {
        ...{ key: 'bare', place: '/features/2/environments/production/definition' },
        sentence:
          'There is no definition of it, which is what SDKs receive: save the list of version 1 of the API, or the answer of an SDK connection.',
      },
    ]);
  });

  it('are said to be missing where the file holds one page only, of which the API makes ten features', () => {
    const page = { ...api, limit: 10, offset: 0, count: 3, total: 47, hasMore: true, nextOffset: 10 };
    expect(growthBookSource(JSON.stringify(page), options).left).toContainEqual({
      ...{ kind: 'file', key: null, place: '/hasMore' },
      sentence: 'The file is one page of several, with 3 of 47 features: put the features of the other pages behind these.',
    });
    const whole = { ...page, total: 3 };
    expect(growthBookSource(JSON.stringify(whole), options).left).toMatchObject([{ key: 'old' }, { key: 'bare' }]);
    const last = { ...page, offset: 44, hasMore: false };
    expect(growthBookSource(JSON.stringify(last), options).left).toMatchObject([
      { kind: 'file' },
      { key: 'old' },
      { key: 'bare' },
    ]);
  });

  it('refuses a feature whose experiments come to more shares than can be laid out', () => {
    const rules = Array.from({ length: 8 }, (_, index) => ({
      ...{ key: `experiment-${index}`, condition: { [`a${index}`]: 'x' } },
      variations: ['a', 'b', 'c'],
    }));
    const imported = growthBookSource(JSON.stringify({ features: { f: { defaultValue: 'a', rules } } }), options);
    expect(imported.flags[0]?.environments['*']).toMatchObject({
      obstacles: [{ place: '/features/f/rules', sentence: expect.stringContaining('Too many of its rules deal shares') }],
    });
  });
});

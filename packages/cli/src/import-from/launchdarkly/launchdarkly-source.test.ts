/** What is imported against LaunchDarkly's own SDK, which reads the same file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceError } from '../imported.ts';
import { expectWhole } from '../testing/whole.ts';
import { launchDarklySource } from './launchdarkly-source.ts';
import { type Both, both, DEFAULT, ours, theirs } from './testing/both.ts';
import { ldContext } from './testing/contexts.ts';
import { clause, FLAGS, flag, flagWhen, SEGMENTS } from './testing/definitions.ts';

const options = { file: 'flags.json', nowMs: 0 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'launchdarkly-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Serve one thing to everybody, by what they are about. */
const CONSTANT = [
  'in-no-values',
  'no-clauses',
  'off',
  'off-without-variation',
  'prerequisite-off',
  'rollout-whole',
  'rollout-nothing',
];

/** Reviewed: dealt anew, since LaunchDarkly hashes otherwise. Who gets what is not the same, and is the one thing that is not. */
const DEALT_ANEW = ['rollout-half', 'rollout-short', 'rollout-of-orgs', 'rollout-by-attribute', 'experiment'];

describe('a file of LaunchDarkly, imported', () => {
  let sides: Both;
  beforeAll(async () => {
    sides = await both(folder, 'all', FLAGS, SEGMENTS);
  });
  afterAll(() => sides.client.close());

  it('comes over whole: 40 definitions and more, none refused', () => {
    expectWhole(launchDarklySource(JSON.stringify({ flags: FLAGS, segments: SEGMENTS }), options), DEALT_ANEW);
  });

  it.each(Object.keys(FLAGS))('%s serves what their SDK serves', async (key) => {
    const seen = new Set<unknown>();
    await fc.assert(
      fc.asyncProperty(ldContext, async (context) => {
        const { value, reason, errorCode } = ours(sides, key, context);
        const expected = await theirs(sides, key, context);
        seen.add(JSON.stringify(expected));
        expect(errorCode).toBeUndefined();
        if (reason !== 'SPLIT' || !DEALT_ANEW.includes(key)) expect(value).toEqual(expected);
      }),
      { numRuns: 200 },
    );
    if (!CONSTANT.includes(key)) expect(seen.size).toBeGreaterThan(1);
  });
});

/** Reviewed: where the two differ, for good. Everything else must agree. */
const DIFFERENCES = [
  ['a version with a v in front', flagWhen(clause('version', 'semVerEqual', ['2.0.0'])), { version: 'v2.0.0' }, false, true],
  ['a version with spaces around it', flagWhen(clause('version', 'semVerEqual', ['2.0.0'])), { version: ' 2.0.0 ' }, true, false],
  [
    'a version of more than 2^53',
    flagWhen(clause('version', 'semVerGreaterThan', ['2.0.0'])),
    { version: '99999999999999999999.0.0' },
    false,
    true,
  ],
  ['a date with a small t', flagWhen(clause('joined', 'after', [0])), { joined: '2026-01-01t00:00:00z' }, false, true],
  ['a date with a space', flagWhen(clause('joined', 'after', [0])), { joined: '2026-01-01 00:00:00Z' }, false, true],
  ['a leap second', flagWhen(clause('joined', 'after', [0])), { joined: '2016-12-31T23:59:60Z' }, false, true],
  [
    'a day that its month does not have',
    flagWhen(clause('joined', 'after', [0])),
    { joined: '2026-02-30T00:00:00Z' },
    true,
    false,
  ],
  ['the hour 24', flagWhen(clause('joined', 'after', [0])), { joined: '2026-01-01T24:00:00Z' }, true, false],
  ['a text of more than 1,024 characters', flagWhen(clause('plan', 'matches', ['x'])), { plan: 'x'.repeat(1_025) }, true, false],
  ['an emoji for a dot', flagWhen(clause('plan', 'matches', ['^.$'])), { plan: '😀' }, false, true],
  ['a list to bucket by', bucketedBy('plan'), { plan: ['pro'] }, true, DEFAULT],
  ['a fraction to bucket by', bucketedBy('plan'), { plan: 1.5 }, true, DEFAULT],
] as const;

/** True for the first half by the attribute, false for the second. */
function bucketedBy(attribute: string): Record<string, unknown> {
  const variations = [0, 1].map((variation) => ({ variation, weight: 50_000 }));
  return flag({ fallthrough: { rollout: { contextKind: 'user', bucketBy: attribute, variations } } });
}

describe('what differs from LaunchDarkly for good', () => {
  it.each(DIFFERENCES)('%s, and the plan says so', async (_, body, attributes, expected, here) => {
    const sides = await both(folder, 'one', { f: body });
    try {
      const context = { kind: 'user', key: 'u1', ...attributes };
      expect(await theirs(sides, 'f', context)).toBe(expected);
      expect(ours(sides, 'f', context).value).toBe(here);
    } finally {
      sides.client.close();
    }
    const [imported] = launchDarklySource(JSON.stringify({ flags: { f: body } }), options).flags;
    expect(imported?.remarks.map(({ code }) => code)).toContain('changes-meaning');
  });
});

describe('a rollout of LaunchDarkly', () => {
  it('keeps its shares, and says how many in a thousand are dealt anew', async () => {
    const keys = ['rollout-half', 'rollout-short', 'experiment'];
    const sides = await both(folder, 'shares', FLAGS, SEGMENTS);
    const units = 2_000;
    for (const key of keys) {
      const counts = { there: new Map<unknown, number>(), here: new Map<unknown, number>() };
      let moved = 0;
      for (let index = 0; index < units; index++) {
        const context = { kind: 'user', key: `unit-${index}` };
        const [there, here] = [await theirs(sides, key, context), ours(sides, key, context).value];
        counts.there.set(there, (counts.there.get(there) ?? 0) + 1 / units);
        counts.here.set(here, (counts.here.get(here) ?? 0) + 1 / units);
        if (there !== here) moved += 1_000 / units;
      }
      expect([...counts.here.keys()].sort()).toEqual([...counts.there.keys()].sort());
      for (const [value, share] of counts.there) expect(Math.abs(share - (counts.here.get(value) ?? 0))).toBeLessThan(0.06);
      const [imported] = launchDarklySource(JSON.stringify({ flags: { f: FLAGS[key] } }), options).flags;
      const said = Number(/about (\d+) in a thousand/.exec(imported?.remarks[0]?.sentence ?? '')?.[1]);
      expect(Math.abs(moved - said)).toBeLessThan(60);
    }
    sides.client.close();
  });

  it('keeps the seed of an experiment as the salt, so that equal seeds stay aligned', () => {
    const [imported] = launchDarklySource(JSON.stringify({ flags: { f: FLAGS.experiment } }), options).flags;
    expect(imported?.environments['*']).toMatchObject({ fallthrough: { split: { by: 'targetingKey', salt: 'seed-61' } } });
  });
});

/** What stays behind, with a part of the reason. */
const REFUSED = [
  ['an unknown operator', flagWhen(clause('plan', 'isNearby', ['x'])), "'isNearby'"],
  ['a null among the values', flagWhen(clause('plan', 'in', [null])), 'null'],
  ['a broken pattern', flagWhen(clause('plan', 'matches', ['('])), 'pattern'],
  ['a pattern that the flag u reads otherwise', flagWhen(clause('plan', 'matches', ['\\p{L}'])), 'pattern'],
  ['a version that is none', flagWhen(clause('version', 'semVerEqual', ['v2'])), 'semantic version'],
  ['a dot in the name of an attribute', flagWhen(clause('a.b', 'in', ['x'])), "'a.b'"],
  ['an attribute in the place of the key', flagWhen(clause('targetingKey', 'in', ['x'])), "'targetingKey'"],
  [
    'an attribute in the place of a kind',
    flagWhen(clause('org', 'in', ['x']), clause('tier', 'in', ['x'], { contextKind: 'org' })),
    "'org'",
  ],
  ['kinds by another operator', flagWhen(clause('kind', 'startsWith', ['o'])), "'startsWith'"],
  ['a segment that is not there', flagWhen(clause('', 'segmentMatch', ['none'])), "'none'"],
  ['a prerequisite that is not there', flag({ prerequisites: [{ key: 'none', variation: 0 }] }), "'none'"],
  ['a prerequisite that is off and asked to serve that', flag({ prerequisites: [{ key: 'off', variation: 0 }] }), 'off'],
  ['a variation that is not there', flag({ offVariation: 7 }), 'variation'],
  ['neither a variation nor a rollout', flag({ fallthrough: {} }), 'neither'],
] as const;

describe('what LaunchDarkly can say and we cannot', () => {
  it.each(REFUSED)('%s is refused with the reason', (_, body, reason) => {
    const text = JSON.stringify({ flags: { f: body, off: FLAGS.off } });
    const imported = launchDarklySource(text, options).flags.find(({ key }) => key === 'f');
    const environment = imported?.environments['*'] as { obstacles?: { sentence: string }[] };
    expect(environment.obstacles?.map(({ sentence }) => sentence).join(' ')).toContain(reason);
  });

  it.each([
    ['a share of those whom a rule matches', { rules: [{ weight: 5_000, clauses: [] }] }, 'share'],
    ['a big segment', { unbounded: true }, 'big segment'],
    ['a segment that uses itself', { rules: [{ clauses: [clause('', 'segmentMatch', ['s'])] }] }, 'itself'],
  ])('%s: the segment is refused, and with it what uses it', (_, body, reason) => {
    const { segments } = launchDarklySource(JSON.stringify({ flags: {}, segments: { s: { key: 's', ...body } } }), options);
    const environment = segments[0]?.environments['*'] as { obstacles?: { sentence: string }[] };
    expect(environment.obstacles?.map(({ sentence }) => sentence).join(' ')).toContain(reason);
  });

  it.each([
    ['several types', [1, 'x']],
    ['lists', [[1], [2]]],
    ['null', [null, null]],
  ])('a flag of %s is named as left behind', (_, variations) => {
    const { flags, left } = launchDarklySource(JSON.stringify({ flags: { f: flag({ variations }) } }), options);
    expect(flags).toEqual([]);
    expect(left).toMatchObject([{ kind: 'flag', key: 'f', place: '/flags/f/variations' }]);
  });

  it.each(['{', '[]', '{}', '{"features":{}}'])('%s is no file of LaunchDarkly', (text) => {
    expect(() => launchDarklySource(text, options)).toThrow(SourceError);
  });
});

describe('the flags of the REST API', () => {
  const { variations, ...environment } = FLAGS.segment as { variations: unknown[] };
  const rest = {
    items: [
      {
        ...{ key: 'f', name: 'Segment', description: 'For testers.', temporary: true, tags: ['checkout'] },
        _maintainer: { email: 'ann@example.com' },
        clientSideAvailability: { usingEnvironmentId: true },
        variations: variations.map((value, index) => ({ value, name: index === 0 ? 'Shown' : undefined })),
        environments: { production: environment, test: { ...FLAGS.off, fallthrough: undefined, on: true } },
      },
      { ...{ key: 'old', archived: true, variations: [{ value: true }], environments: {} } },
    ],
    segments: { production: [SEGMENTS.testers] },
  };

  it('become the same as the data of the SDK, in every environment by its name', () => {
    const imported = launchDarklySource(JSON.stringify(rest), options);
    const sdk = launchDarklySource(JSON.stringify({ flags: { f: FLAGS.segment }, segments: SEGMENTS }), options);
    expect(imported.flags).toMatchObject([
      {
        ...{
          key: 'f',
          name: 'Segment',
          description: 'For testers.',
          kind: 'release',
          tags: ['checkout'],
          owner: 'ann@example.com',
        },
        ...{ clientSide: true, type: 'boolean', variants: { Shown: true, false: false } },
      },
    ]);
    const [{ environments = {} } = {}] = imported.flags;
    const renamed = JSON.stringify(sdk.flags[0]?.environments['*']).replaceAll('"variant":"true"', '"variant":"Shown"');
    expect(JSON.stringify(environments.production)).toBe(renamed);
    expect(environments.test).toMatchObject({ obstacles: [{ place: '/items/0/environments/test/fallthrough' }] });
    expect(imported.segments).toMatchObject([{ key: 'testers', environments: { production: { include: ['u1'] } } }]);
  });

  it('lose the rules that are disabled, which no SDK is sent, and keep lists of users that have no entry among the others', () => {
    const rules = [
      { clauses: [], variation: 0, disabled: true },
      { clauses: [clause('plan', 'in', ['pro'])], variation: 0, disabled: false },
    ];
    const targets = [{ variation: 0, values: ['u1'] }];
    const contextTargets = [{ variation: 1, values: ['o1'], contextKind: 'org' }];
    const item = {
      key: 'f',
      variations: [{ value: true }, { value: false }],
      environments: { production: flag({ rules, targets, contextTargets }) },
    };
    const [made] = launchDarklySource(JSON.stringify({ items: [item] }), options).flags;
    expect(made?.environments.production).toMatchObject({
      rules: [
        { when: { attribute: 'org.key', values: ['o1'] }, serve: { variant: 'false' } },
        { when: { attribute: 'targetingKey', values: ['u1'] }, serve: { variant: 'true' } },
        { id: 'rule-2', when: { attribute: 'plan' } },
      ],
    });
    expect(made?.remarks).toMatchObject([
      { code: 'left-out', place: '/items/0/environments/production/rules/0', environment: 'production' },
    ]);
  });

  it('of which the file holds one page only are said to be missing', () => {
    const page = { ...rest, totalCount: 312, _links: { next: { href: '/api/v2/flags/shop?limit=2&offset=2' } } };
    expect(launchDarklySource(JSON.stringify(page), options).left).toContainEqual({
      ...{ kind: 'file', key: null, place: '/_links/next' },
      sentence: 'The file is one page of several, with 2 of 312 flags: put the items of the other pages behind these.',
    });
    // Pages that were put together keep the links of the first.
    const whole = { ...page, totalCount: 2 };
    expect(launchDarklySource(JSON.stringify(whole), options).left).toMatchObject([{ key: 'old' }]);
    expect(launchDarklySource(JSON.stringify({ ...rest, _links: page._links }), options).left).toMatchObject([
      { kind: 'file', sentence: expect.stringContaining('with 2 flags') },
      { key: 'old' },
    ]);
  });

  it('without their details, which is what a summary is, stay behind even where they are off', () => {
    const summary = { on: false, archived: false, _summary: { variations: { 0: { rules: 1 } }, prerequisites: 1 } };
    const item = { key: 'f', variations: [{ value: true }, { value: false }], environments: { production: summary } };
    const { flags, left } = launchDarklySource(JSON.stringify({ items: [item] }), options);
    expect(flags).toEqual([]);
    expect(left).toMatchObject([
      { key: 'f', place: '/items/0/environments/production/rules', sentence: expect.stringContaining('summary=0') },
    ]);
  });

  it('without environments, which the API gives to who names some, say how to ask for them', () => {
    const item = { key: 'f', variations: [{ value: true }, { value: false }] };
    expect(launchDarklySource(JSON.stringify({ items: [item] }), options).left).toMatchObject([
      { key: 'f', place: '/items/0/environments', sentence: expect.stringContaining('env=production') },
    ]);
  });

  it('that are archived stay behind', () => {
    expect(launchDarklySource(JSON.stringify(rest), options).left).toMatchObject([{ key: 'old', place: '/items/1/archived' }]);
  });
});

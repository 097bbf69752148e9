import { readFileSync } from 'node:fs';
import { FlagdCore } from '@openfeature/flagd-core';
import { type FlagType, type FlagValue, resolve } from '@yardarm/evaluator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_ENVIRONMENT, type Imported, SourceError } from '../imported.ts';
import { movedInThousand } from '../re-bucketed.ts';
import { compareShares } from '../testing/compare-shares.ts';
import { importedRules } from '../testing/imported-rules.ts';
import { flagdSource } from './flagd-source.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const DEFAULTS: { readonly [type in FlagType]: FlagValue } = { boolean: true, string: 'code', number: -404, object: { code: 1 } };

const read = (name: string) => readFileSync(new URL(`definitions/${name}`, import.meta.url), 'utf8');
const source = (definition: string) => flagdSource(definition, { file: 'flags.json', nowMs: NOW_MS });
const definitions = read('flags.json');
const imported = source(definitions);
const rules = importedRules(imported);
const dealtAnew = imported.flags.filter(({ remarks }) => remarks.some(({ code }) => code === 're-bucketed'));

function flagdOf(definition: string, disableDynamicCodeGeneration: boolean): FlagdCore {
  const silent = { error() {}, warn() {}, info() {}, debug() {} };
  const flagd = new FlagdCore(undefined, silent, { disableDynamicCodeGeneration });
  flagd.setConfigurations(definition);
  return flagd;
}
const engines = [flagdOf(definitions, false), flagdOf(definitions, true)];

function theirs(flagd: FlagdCore, { key, type }: Imported['flags'][number], context: object, nowMs = NOW_MS) {
  const systemNow = Date.now;
  Date.now = () => nowMs;
  try {
    return flagd.resolve(type, key, DEFAULTS[type] as never, context as never);
  } finally {
    Date.now = systemNow;
  }
}

const ours = ({ key, type }: Imported['flags'][number], context: object, nowMs = NOW_MS) =>
  resolve(rules, key, type, context as never, nowMs).value ?? DEFAULTS[type];

/** Everything that an attribute can hold but what `DIFFERENCES` lists: lists and objects, numbers as texts. */
const COUNTRIES = fc.constantFrom('NO', 'SE', 'DE', '', null, 5, true);
const contexts = fc.record(
  {
    targetingKey: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'someone@example.com'),
    accountId: fc.oneof(fc.integer(), fc.string({ minLength: 1, unit: 'grapheme-ascii' })),
    email: fc.constantFrom('admin@example.com', 'admin', 'a@example.org', '@example.com', '', 'Admin@Example.com', null),
    plan: fc.constantFrom('pro', 'free', 'PRO', 'proton', '', null),
    country: COUNTRIES,
    code: fc.constantFrom(5, '5', 0, '0', 1, '1', '', null, true, false, 7),
    beta: fc.constantFrom(true, false, 1, 0, '1', '0', '', null, 'yes'),
    age: fc.oneof(
      fc.constantFrom(17, 18, 19, 6, 5.5, 0, -1.5, -2, 65, 66, true, false, '', null, 'old'),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    app: fc.record({
      version: fc.constantFrom(
        ...[
          '1.2.0',
          '1.2.3',
          '1.2.3-rc.1',
          '1.2.0-rc.1',
          '1.2.0-rc.2',
          '1.3.0-0',
          '1.3.0',
          '2.0.0-0',
          '2.0.0',
          '0.9.9',
          '1.0.0-0',
        ],
        ...['v1.2.0', '1.2', '1', '1.2.0+build', 'latest', '', null, false],
      ),
    }),
    user: fc.oneof(fc.constant({ plan: 'pro' }), fc.constant({}), fc.constant('pro'), fc.constant(null)),
  },
  { requiredKeys: ['targetingKey', 'accountId'] },
);

describe('flagd: what is imported', () => {
  it('covers at least forty definitions, and leaves none of them out', () => {
    expect(imported.left).toEqual([]);
    expect(imported.flags.length).toBeGreaterThanOrEqual(40);
  });

  it('gives the value that flagd gives, in both of its engines, wherever flagd does not fail and its engines agree', () => {
    let compared = 0;
    let withVariant = 0;
    fc.assert(
      fc.property(contexts, fc.constantFrom(-1_000, -1, 0, 1_000, 86_400_000, 86_401_000), (context, laterMs) => {
        const nowMs = NOW_MS + laterMs;
        for (const flag of imported.flags) {
          if (dealtAnew.includes(flag) && flag.key !== 'split-thirds') continue;
          const [answer, interpreted] = engines.map((flagd) => theirs(flagd, flag, context, nowMs));
          const failed = [answer, interpreted].some((one) => one?.errorMessage?.startsWith('Error evaluating targeting rule'));
          if (failed || answer === undefined || answer.variant !== interpreted?.variant) continue;
          compared++;
          if (answer.variant !== undefined) withVariant++;
          const value = ours(flag, context, nowMs);
          if (JSON.stringify(value) !== JSON.stringify(answer.value))
            expect.fail(
              `${flag.key} for ${JSON.stringify(context)}: ${JSON.stringify(value)}, and flagd ${JSON.stringify(answer)}`,
            );
        }
      }),
      { numRuns: 400 },
    );
    expect(compared).toBeGreaterThan(300 * imported.flags.length * 0.9);
    expect(withVariant).toBeGreaterThan(compared / 2);
  });

  it('keeps the shares of a split that it deals anew, and foresees how many move', () => {
    const units = Array.from({ length: 20_000 }, (_, index) => `unit-${index}`);
    const judged = dealtAnew.filter(({ key }) => key !== 'split-thirds');
    expect(judged.map(({ key }) => key)).toEqual(['split-default-unit', 'split-attribute', 'split-other-text']);
    for (const flag of judged) {
      const { tally, moved } = compareShares(units, (unit) => {
        const context = { targetingKey: unit, email: unit, accountId: unit };
        return [String(theirs(engines[0] as FlagdCore, flag, context).value), String(ours(flag, context))];
      });
      for (const [before, after] of tally) expect(Math.abs(before - after) / units.length).toBeLessThan(0.015);
      const foreseen = movedInThousand(tally.map(([before]) => before));
      expect(Math.abs(moved / 20 - foreseen)).toBeLessThan(15);
      const sentence = flag.remarks.find(({ code }) => code === 're-bucketed')?.sentence ?? '';
      expect(Math.abs(Number(/about (\d+) in a thousand/.exec(sentence)?.[1]) - foreseen)).toBeLessThan(15);
    }
  });

  it('reads the same from YAML', () => {
    const yaml = 'flags:\n  a:\n    state: ENABLED\n    variants: { on: true, off: false }\n    defaultVariant: on\n';
    const json = '{"flags":{"a":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}}}';
    expect(source(yaml)).toEqual(source(json));
    expect(source(yaml).flags[0]?.environments[ANY_ENVIRONMENT]).toMatchObject({ on: true, fallthrough: { variant: 'on' } });
  });
});

/**
 * The reviewed list: contexts that the property above keeps away from, each with what it gives on both sides. All of it stands in
 * docs/importing.md.
 */
const DIFFERENCES: readonly [why: string, flag: string, context: object, theirs: unknown, ours: unknown][] = [
  ['a number as text compared by size', 'above', { age: '20' }, true, false],
  ['a number in another spelling', 'equal-number', { code: '05' }, true, false],
  ['a list where one value is compared', 'same-text', { plan: ['pro'] }, false, true],
  ['a part of an element of a list', 'in-text', { email: ['a@example.com'] }, false, true],
  ['null where the attribute has a default, on which the engines disagree', 'attribute-default', { plan: null }, false, true],
  ['an empty object that counts as false', 'truth', { code: {} }, false, true],
  ['a number as version', 'version-minor', { app: { version: 1.2 } }, true, false],
  ['a version with blanks or a capital V', 'version-equal', { app: { version: 'V1.2.0' } }, true, false],
  ['words where flagd wants a number: it fails', 'above', { age: 'old' }, true, false],
];

describe('flagd: the listed differences', () => {
  it.each(DIFFERENCES)('%s', (_, key, context, expected, actual) => {
    const flag = imported.flags.find((one) => one.key === key) as Imported['flags'][number];
    expect([theirs(engines[1] as FlagdCore, flag, context).value, ours(flag, context)]).toEqual([expected, actual]);
  });
});

describe('flagd: what is refused', () => {
  const refused = source(read('refused.json'));

  it('leaves out every flag that cannot be said exactly, with the place and the reason', () => {
    expect(refused.flags).toEqual([]);
    const keys = Object.keys((JSON.parse(read('refused.json')) as { flags: object }).flags);
    expect(refused.left.map(({ key }) => key)).toEqual(keys);
    const document: unknown = JSON.parse(read('refused.json'));
    for (const { place, sentence } of refused.left) {
      expect(sentence).toMatch(/^\S.*\.$/);
      // A member that is missing is named all the same, so that its parent is what has to be there.
      const steps = place.split('/').slice(1, -1);
      expect(
        steps.reduce<unknown>((json, name) => (json as { [member: string]: unknown })[name.replaceAll('~1', '/')], document),
      ).toBeDefined();
    }
  });

  it('refuses a file that is no flag definition, by name and place', () => {
    expect(() => source('[]')).toThrow(SourceError);
    expect(() => source('{"flags":[]}')).toThrow("flags.json has no object 'flags' (/flags)");
    expect(() => source('a: [')).toThrow('flags.json is no YAML');
  });
});

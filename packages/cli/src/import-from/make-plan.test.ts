import type { Flag, Segment } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import {
  ANY_ENVIRONMENT,
  type Imported,
  type ImportedConfiguration,
  type ImportedFlag,
  type ImportedSegment,
} from './imported.ts';
import { makePlan, type PlanInput } from './make-plan.ts';

const OFF: ImportedConfiguration = {
  ...{ on: true, offVariant: 'off', prerequisites: [], targets: [], rules: [] },
  fallthrough: { variant: 'off' },
};
const REFUSED = { obstacles: [{ kind: 'flag' as const, key: 'a', place: '/flags/a', sentence: 'It cannot be said.' }] };

function flag(key: string, changes: Partial<ImportedConfiguration> = {}, more: Partial<ImportedFlag> = {}): ImportedFlag {
  return {
    ...{ key, name: null, description: '', kind: null, tags: [], owner: null, clientSide: false, type: 'boolean' },
    variants: { on: true, off: false },
    environments: { [ANY_ENVIRONMENT]: { ...OFF, ...changes } },
    remarks: [],
    ...more,
  };
}

function segment(key: string, more: Partial<ImportedSegment> = {}): ImportedSegment {
  return {
    key,
    name: key,
    environments: { [ANY_ENVIRONMENT]: { include: ['u1'], exclude: [], when: null } },
    remarks: [],
    ...more,
  };
}

/** What the API says of a flag, in production. */
function known(key: string, changes: object = {}, more: object = {}): Flag {
  return {
    ...{
      key,
      kind: 'operational',
      type: 'boolean',
      variants: { on: true, off: false },
      clientSide: false,
      salt: 's',
      archivedAt: null,
    },
    environments: [{ environment: 'production', version: 2, ...OFF, ...changes }],
    ...more,
  } as unknown as Flag;
}

function plan(imported: Partial<Imported>, more: Partial<PlanInput> = {}) {
  const { flags, segments } = makePlan({
    imported: { flags: [], segments: [], left: [], ...imported },
    ...{
      flags: [],
      segments: [],
      touched: new Set(),
      environments: [{ ours: 'production', theirs: 'production' }],
      owner: 'ada',
      expiresOn: undefined,
      missingRights: () => [],
    },
    ...more,
  });
  return Object.fromEntries([...segments, ...flags].map((one) => [one.key, one]));
}

const verdicts = (planned: ReturnType<typeof plan>) =>
  Object.fromEntries(Object.entries(planned).map(([key, { verdict }]) => [key, verdict]));
const inSegment = (key: string) => ({ rules: [{ id: 'r1', when: { not: { segment: key } }, serve: { variant: 'on' } }] });
const after = (key: string) => ({ prerequisites: [{ flag: key, variants: ['on'] }] });

describe('makePlan', () => {
  it('creates what is new, in the environments that the source has something about', () => {
    const environments = [
      { ours: 'production', theirs: 'prod' },
      { ours: 'staging', theirs: 'test' },
    ];
    const { a } = plan({ flags: [flag('a', {}, { environments: { prod: OFF } })] }, { environments });
    expect([a?.verdict, [...(a?.configurations.keys() ?? [])]]).toEqual(['create', ['production']]);
  });

  it('gives an owner and an expiry to the flags that need them, and to no others', () => {
    const planned = plan({ flags: [flag('a'), flag('b', {}, { kind: 'release' })] }, { expiresOn: '2027-01-31' });
    expect([planned.a, planned.b]).toMatchObject([
      { input: { kind: 'operational', owner: null } },
      { input: { kind: 'release', owner: 'ada', expiresOn: '2027-01-31' } },
    ]);
    expect((planned.a as { input: object }).input).not.toHaveProperty('expiresOn');
  });

  it('leaves out a flag with an obstacle in an environment that is imported, and only there', () => {
    const half = flag('a', {}, { environments: { production: OFF, staging: REFUSED } });
    const staging = [{ ours: 'staging', theirs: 'staging' }];
    expect(verdicts(plan({ flags: [half] }))).toEqual({ a: 'create' });
    expect(plan({ flags: [half] }, { environments: staging }).a).toMatchObject({
      verdict: 'leave-out',
      obstacles: REFUSED.obstacles,
    });
  });

  it('leaves out what browsers get and would ask for a flag that they do not', () => {
    const seen = { clientSide: true };
    const flags = [
      flag('child', after('parent'), seen),
      flag('parent'),
      flag('shown', after('base'), seen),
      flag('base', {}, seen),
    ];
    expect(verdicts(plan({ flags }))).toEqual({ child: 'leave-out', parent: 'create', shown: 'create', base: 'create' });
  });

  it('is in conflict with a flag that was killed, though it is as it was made', () => {
    const made = { fallthrough: { variant: 'on' } };
    const there = [known('a', { version: 1, ...made, on: false })];
    const on = { flags: [flag('a', made)] };
    expect(verdicts(plan(on, { flags: there }))).toEqual({ a: 'finish' });
    expect(verdicts(plan(on, { flags: there, touched: new Set(['production a']) }))).toEqual({ a: 'conflict' });
  });

  it('writes nothing that a right is missing for, nor what depends on it', () => {
    const missingRights: PlanInput['missingRights'] = ({ kind, isOn }) =>
      kind === 'flag' && isOn.get('production') === true ? ['The token may not switch flags on.'] : [];
    const planned = plan(
      { flags: [flag('a'), flag('b', { on: false }), flag('c', { on: false, ...after('a') })] },
      { missingRights },
    );
    expect(verdicts(planned)).toEqual({ a: 'no-right', b: 'create', c: 'leave-out' });
    expect([planned.a?.configurations.size, planned.a?.obstacles[0]?.sentence]).toEqual([
      0,
      'The token may not switch flags on.',
    ]);
  });

  it('remarks nothing about environments that are not imported, and each thing once', () => {
    const about = (environment: string, sentence: string) => ({
      code: 'changes-meaning' as const,
      place: '/',
      environment,
      sentence,
    });
    const remarks = [about('production', 'One.'), about('staging', 'Two.'), about('production', 'One.')];
    expect(plan({ flags: [flag('a', {}, { remarks })] }).a?.remarks.map(({ sentence }) => sentence)).toEqual(['One.']);
  });

  it('leaves out what asks for a segment or a flag that is left out, however far away', () => {
    const staff = segment('staff', { environments: { [ANY_ENVIRONMENT]: REFUSED } });
    const flags = [flag('c', after('b')), flag('b', after('a')), flag('a', inSegment('staff')), flag('d')];
    expect(verdicts(plan({ flags, segments: [staff] }))).toEqual({
      ...{ staff: 'leave-out', a: 'leave-out', b: 'leave-out', c: 'leave-out', d: 'create' },
    });
  });

  it('leaves out what asks for a segment or a flag that is there and is something else', () => {
    const other = {
      key: 'staff',
      environments: [{ environment: 'production', version: 2, include: ['u2'], exclude: [], when: null }],
    };
    const planned = plan(
      { flags: [flag('a', inSegment('staff')), flag('b', after('there')), flag('there')], segments: [segment('staff')] },
      { flags: [known('there', { on: false })], segments: [other as unknown as Segment] },
    );
    expect(verdicts(planned)).toEqual({ staff: 'conflict', a: 'leave-out', b: 'leave-out', there: 'conflict' });
    expect(planned.a?.obstacles[0]?.sentence).toBe("It uses segment 'staff', which does not come over as the file has it.");
  });

  it('takes a prerequisite that is there already and is what the file says', () => {
    const planned = plan({ flags: [flag('b', after('there')), flag('there')] }, { flags: [known('there')] });
    expect(verdicts(planned)).toEqual({ b: 'create', there: 'identical' });
  });

  it.each([
    ['another type', known('a', {}, { type: 'string', variants: { on: 'x', off: 'y' } })],
    ['another variant', known('a', {}, { variants: { on: true, off: false, more: true } })],
    ['another client side', known('a', {}, { clientSide: true })],
    ['another fallthrough', known('a', { fallthrough: { variant: 'on' } })],
    ['its switch off by hand', known('a', { on: false })],
    ['an archived flag in its place', known('a', {}, { archivedAt: '2026-01-01T00:00:00.000Z' })],
  ])('calls it a conflict to find %s', (_, there) => {
    const { a } = plan({ flags: [flag('a')] }, { flags: [there] });
    expect([a?.verdict, a?.obstacles.length, a?.configurations.size]).toEqual(['conflict', 1, 0]);
  });

  it('finishes a flag that is off and untouched where it is imported', () => {
    const { a } = plan(
      { flags: [flag('a')] },
      { flags: [known('a', { on: false, version: 1, fallthrough: { variant: 'on' } })] },
    );
    expect([a?.verdict, a?.configurations.size]).toEqual(['finish', 1]);
  });

  it('leaves alone what somebody made of the flag with it: a clone with its rules, or another variant to serve', () => {
    const made = (changes: object) => ({ flags: [known('a', { on: false, version: 1, ...changes })] });
    const clone = { fallthrough: { variant: 'on' }, rules: [{ id: 'r', when: { all: [] }, serve: { variant: 'off' } }] };
    for (const changes of [clone, { fallthrough: { variant: 'off' }, targets: [{ variant: 'on', keys: ['u'] }] }])
      expect(plan({ flags: [flag('a', { on: false })] }, made(changes)).a?.verdict).toBe('conflict');
    expect(plan({ flags: [flag('a', { fallthrough: { variant: 'on' } })] }, made({ offVariant: null })).a?.verdict).toBe(
      'conflict',
    );
  });

  it('says so where the environment would have more than it may', () => {
    const value = 'x'.repeat(60_000);
    const large = (key: string) => flag(key, {}, { type: 'string', variants: { on: value, off: value } });
    const { left } = makePlan({
      imported: { flags: Array.from({ length: 80 }, (_, index) => large(`f${index}`)), segments: [], left: [] },
      ...{ flags: [], segments: [], touched: new Set<string>(), owner: 'ada', expiresOn: undefined, missingRights: () => [] },
      environments: [{ ours: 'production', theirs: 'production' }],
    });
    expect(left).toEqual([
      {
        ...{ kind: 'file', key: null, place: '' },
        sentence: expect.stringMatching(/^In production: The rule set has 9\d{6} bytes; 8388608 are allowed\.$/),
      },
    ]);
  });

  it('knows a split without a salt for that of the flag', () => {
    const serve = (salt?: string) => ({
      split: { by: 'targetingKey', hash: 2 as const, weights: [['on', 100_000] as ['on', number]], ...(salt && { salt }) },
    });
    const there = (salt?: string) => ({ flags: [known('a', { fallthrough: serve(salt) })] });
    const wanted = { flags: [flag('a', { fallthrough: serve() })] };
    expect([undefined, 's', 'other'].map((salt) => plan(wanted, there(salt)).a?.verdict)).toEqual([
      'identical',
      'identical',
      'conflict',
    ]);
  });

  it('knows a pattern again that the server gave a bound', () => {
    const rule = (more: object) => ({
      rules: [
        {
          id: 'r1',
          when: { not: { attribute: 'a', op: 'matches' as const, values: ['a.*b.*c'], ...more } },
          serve: { variant: 'on' },
        },
      ],
    });
    expect(plan({ flags: [flag('a', rule({}))] }, { flags: [known('a', rule({ maxInput: 256 }))] }).a?.verdict).toBe('identical');
  });

  it('leaves out what the rules of the project do not allow: keys, twins, unknown variants and values', () => {
    const bad = { rules: [{ id: 'r1', when: { attribute: 'age', op: 'lt' as const, values: ['x'] }, serve: { variant: 'on' } }] };
    const planned = plan({
      flags: [
        flag('a b'),
        flag('twin'),
        flag('twin'),
        flag('c', { fallthrough: { variant: 'none' } }),
        flag('d', bad),
        flag('e', after('nobody')),
      ],
    });
    expect(new Set(Object.values(planned).map(({ verdict }) => verdict))).toEqual(new Set(['leave-out']));
    expect(planned.e?.obstacles[0]?.sentence).toBe("Prerequisite 1 of flag 'e' is flag 'nobody', which does not exist.");
  });

  it('leaves out a flag that depends on one that the source left out, though the project has another one of that key', () => {
    const left = [{ kind: 'flag', key: 'there', place: '/flags/there', sentence: 'It cannot be said.' }] as const;
    const flags = [flag('b', after('there'))];
    expect(verdicts(plan({ flags }, { flags: [known('there')] }))).toEqual({ b: 'create' });
    expect(verdicts(plan({ flags, left }, { flags: [known('there')] }))).toEqual({ b: 'leave-out' });
  });

  it('says of a flag that is as the file has it but off, and may have been killed, that only the switch is missing', () => {
    const sentence = (there: Flag) => plan({ flags: [flag('a')] }, { flags: [there] }).a?.obstacles[0]?.sentence;
    expect(sentence(known('a', { on: false }))).toContain('but switched off in production');
    expect(sentence(known('a', { on: false, offVariant: 'on' }))).toContain('serves something else in production');
  });
});

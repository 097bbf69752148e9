import type { FlagBody, RuleSet, SegmentBody } from '@yardarm/evaluator';
import { toFlagd } from '@yardarm/evaluator/to-flagd';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { renderRuleSet } from '../ruleset/build.ts';
import { advanceView, type RuleSetView, startView, type ViewChange } from '../ruleset/rule-set-view.ts';
import { type TranslatedFlags, translateFlags } from './translate-flags.ts';

const KEYS = ['a', 'b', 'constructor', 'd'];
const SEGMENTS = ['s', 't'];
const flagIds = fc.constantFrom(...KEYS, 'missing');
const segmentIds = fc.constantFrom(...SEGMENTS, 'missing');

type Body = Omit<FlagBody, 'revision' | 'tag'> | Omit<SegmentBody, 'revision' | 'tag'>;

/** Flags with prerequisites, segments, an operator that flagd does not have, and what cannot be read at all. */
const flagBody: fc.Arbitrary<Body> = fc.record({
  type: fc.constant('boolean' as const),
  variants: fc.constant({ on: true, off: false }),
  on: fc.boolean(),
  offVariant: fc.constantFrom('off', null),
  prerequisites: fc.array(fc.record({ flag: flagIds, variants: fc.constant(['on']) }), { maxLength: 2 }),
  rules: fc.array(
    fc.record({
      id: fc.constant('r'),
      when: fc.oneof(
        fc.record({ segment: segmentIds }),
        fc.record({
          attribute: fc.constant('plan'),
          op: fc.constantFrom('equals', 'matches', 'telepathy'),
          values: fc.constant(['x']),
        }),
      ),
      serve: fc.constant({ variant: 'on' }),
    }),
    { maxLength: 2 },
  ),
  fallthrough: fc.constant({ variant: 'off' }),
}) as fc.Arbitrary<Body>;
const segmentBody: fc.Arbitrary<Body> = fc.record({
  include: fc.constantFrom(['ada'], ['grace']),
  exclude: fc.constant([]),
  when: fc.constantFrom(
    null,
    { attribute: 'plan', op: 'equals', values: ['gold'] },
    { attribute: 'plan', op: 'matches', values: ['^g'] },
  ),
}) as fc.Arbitrary<Body>;

const edit = fc.oneof(
  fc.record({ kind: fc.constant('flag' as const), key: fc.constantFrom(...KEYS), body: fc.option(flagBody, { freq: 5 }) }),
  fc.record({
    kind: fc.constant('segment' as const),
    key: fc.constantFrom(...SEGMENTS),
    body: fc.option(segmentBody, { freq: 5 }),
  }),
);

it('is what translating the whole rule set gives, whatever has changed since the last one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), async (edits) => {
      let view = startView('server', { project: 'shop', environment: 'test', epoch: '1-a', revision: 0 }, []);
      let translated: TranslatedFlags | null = null;
      for (const [index, { kind, key, body }] of edits.entries()) {
        const revision = index + 1;
        const storedText = body === null ? null : JSON.stringify(body);
        const change: ViewChange = { kind, key, revision, tag: `${revision}`.padStart(16, '0'), storedText, off: null };
        view = advanceView(view, [{ revision, changes: [change] }]);
        translated = await translateFlags(view, translated);
        expect(read(translated)).toEqual(whole(view));
      }
    }),
    { numRuns: 150 },
  );
});

it('translates anew only what a change reaches', async () => {
  const put = (kind: ViewChange['kind'], key: string, revision: number, body: object): ViewChange => ({
    ...{ kind, key, revision, tag: `${revision}`.padStart(16, '0'), off: null },
    storedText: JSON.stringify(body),
  });
  const flag = (rest: object) => ({ type: 'boolean', variants: { on: true, off: false }, on: true, offVariant: 'off', fallthrough: { variant: 'on' }, ...rest }); // biome-ignore format: one line
  const segment = (name: string) => ({ include: [name], exclude: [], when: null });
  const before = startView('server', { project: 'shop', environment: 'test', epoch: '1-a', revision: 4 }, [
    put('segment', 's', 1, segment('ada')),
    put('flag', 'alone', 2, flag({})),
    put('flag', 'member', 3, flag({ rules: [{ id: 'r', when: { segment: 's' }, serve: { variant: 'on' } }] })),
    put('flag', 'child', 4, flag({ prerequisites: [{ flag: 'member', variants: ['on'] }] })),
  ]);
  const old = await translateFlags(before, null);
  const after = advanceView(before, [{ revision: 5, changes: [put('segment', 's', 5, segment('grace'))] }]);
  const { flags } = await translateFlags(after, old);
  expect([...flags].filter(([key, made]) => made !== old.flags.get(key)).map(([key]) => key)).toEqual(['member', 'child']);
  expect(flags.get('child')?.json).toContain('grace');
});

function read({ flags }: TranslatedFlags) {
  const portable = [...flags.values()].flatMap(({ json }) => (json === null ? [] : [json]));
  const obstacles = [...flags].flatMap(([key, { json, obstacles }]) => (json === null ? [[key, obstacles] as const] : []));
  return { flags: JSON.parse(`{${portable.join(',')}}`), obstacles: Object.fromEntries(obstacles) };
}

function whole(view: RuleSetView) {
  const { flags, obstacles } = toFlagd(JSON.parse(renderRuleSet(view.header, view.bodies.values())) as RuleSet);
  const versioned = Object.entries(flags).map(([key, flag]) => {
    const version = view.bodies.get(`flag:${key}`)?.revision;
    return [key, { ...flag, metadata: { ...flag.metadata, version } }] as const;
  });
  return JSON.parse(JSON.stringify({ flags: Object.fromEntries(versioned), obstacles }));
}

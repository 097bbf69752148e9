import { describe, expect, it } from 'vitest';
import { placeText } from '../../../lib/place-text.ts';
import type { Rule, Targeting } from './targeting.ts';
import { targetingDiff, targetingText } from './targeting-diff.ts';

const rule: Rule = { id: 'r1', when: { attribute: 'country', op: 'in', values: ['DE'] }, serve: { variant: 'on' } };
const before: Targeting = { prerequisites: [], targets: [], rules: [rule], fallthrough: { variant: 'off' }, offVariant: 'off' };
const entries = (edit: Partial<Targeting>) => targetingDiff(before, { ...before, ...edit });
const texts = (edit: Partial<Targeting>) =>
  entries(edit).map((entry) =>
    [entry.path.join('/'), entry.before, entry.after].map((side, index) =>
      index === 0 || side === undefined ? side : targetingText(entry, side),
    ),
  );

describe('targetingDiff', () => {
  it('names a rule once, whatever differs inside it, as a sentence on each side', () => {
    const edited: Rule = { ...rule, when: { attribute: 'country', op: 'in', values: ['DE', 'AT'] }, serve: { variant: 'off' } };
    expect(texts({ rules: [edited] })).toEqual([
      ['rules/r1', 'if country is one of "DE" serve on', 'if country is one of "DE", "AT" serve off'],
    ]);
  });

  it('says what is new, what went, and what else is served', () => {
    expect(texts({ rules: [], targets: [{ variant: 'on', keys: ['a', 7] }], fallthrough: null })).toEqual([
      ['targets/on', undefined, 'a, 7'],
      ['rules/r1', 'if country is one of "DE" serve on', undefined],
      ['fallthrough', 'off', 'the code default'],
    ]);
  });

  it('says of a prerequisite what the other flag has to serve', () => {
    expect(texts({ prerequisites: [{ flag: 'parent', variants: ['on', 'beta'] }] })).toEqual([
      ['prerequisites/parent', undefined, 'parent has to serve on or beta'],
    ]);
  });

  it('leaves nothing out of a long list, and shows a salt, which decides who is in', () => {
    const long = (last: string): Rule => ({ ...rule, when: { attribute: 'id', op: 'in', values: [1, 2, 3, 4, 5, 6, last] } });
    const [entry] = targetingDiff({ ...before, rules: [long('staff')] }, { ...before, rules: [long('all')] });
    expect(entry && targetingText(entry, entry.after)).toBe('if id is one of 1, 2, 3, 4, 5, 6, "all" serve on');
    const split = { by: 'targetingKey', hash: 2 as const, weights: [['on', 100_000] as [string, number]] };
    const [salted] = targetingDiff(
      { ...before, fallthrough: { split } },
      { ...before, fallthrough: { split: { ...split, salt: 's' } } },
    );
    expect(salted && targetingText(salted, salted.after)).toBe('100\u00a0% on with salt "s"');
  });

  it('leaves a difference that both sides have the same words for to its JSON', () => {
    const split = { by: 'targetingKey', hash: 2 as const };
    const weights = [['on', 100_000] as [string, number]];
    const [entry] = targetingDiff(
      { ...before, fallthrough: { split: { ...split, weights } } },
      { ...before, fallthrough: { split: { ...split, weights: [['off', 0] as [string, number], ...weights] } } },
    );
    expect(entry && targetingText(entry, entry.after)).toBeUndefined();
  });

  it('tells an order apart from a rule', () => {
    const second: Rule = { ...rule, id: 'r2' };
    const reordered = targetingDiff({ ...before, rules: [rule, second] }, { ...before, rules: [second, rule] });
    expect(reordered).toEqual([{ path: ['rules'], kind: 'order', before: ['1', '2'], after: ['2', '1'] }]);
  });

  it('calls a rule by its number after the edit, and says which it was before', () => {
    const [r2, r3, added] = ['r2', 'r3', 'r4'].map((id): Rule => ({ ...rule, id })) as [Rule, Rule, Rule];
    const edited: Rule = { ...r3, serve: { variant: 'off' } };
    const places = targetingDiff({ ...before, rules: [rule, r2, r3] }, { ...before, rules: [edited, added, r2] });
    expect(places.map((entry) => placeText(entry))).toEqual(['rule 1', 'rule 1 (3 before)', 'rule 2', 'rules, in order']);
    expect(places.at(-1)).toMatchObject({ before: ['1', '2', '3'], after: ['3', 'new', '2'] });
  });
});

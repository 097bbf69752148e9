import type { Flag } from '@yardarm/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differences, onTopOf, readServed, type Served, servedInput, toServedForm } from './served-edit.ts';

const NAMES = ['control', 'treatment', 'tags', 'links', 'third'];
const value: fc.Arbitrary<Flag['variants'][string]> = fc.oneof(
  fc.constantFrom('', 'Ahoy', 'true'),
  fc.record({ limit: fc.integer(), tags: fc.array(fc.constantFrom('a', 'b')) }),
);
const served: fc.Arbitrary<Served> = fc.record({
  variants: fc.dictionary(fc.constantFrom(...NAMES), value, { minKeys: 1 }).map((all) => ({ ...all })),
  clientSide: fc.boolean(),
});

describe('an edit made of what somebody else published meanwhile', () => {
  test('is the edit itself where nobody did', () =>
    fc.assert(fc.property(served, served, (before, mine) => void expect(onTopOf(before, before, mine)).toEqual(mine))));

  test('leaves theirs alone where it changed nothing', () =>
    fc.assert(fc.property(served, served, (before, theirs) => void expect(onTopOf(theirs, before, before)).toEqual(theirs))));

  test('has mine where both touched the same, and theirs where I touched nothing', () =>
    fc.assert(
      fc.property(served, served, served, (before, theirs, mine) => {
        const touched = new Set(differences(before, mine).map(({ path: [, name] }) => name));
        const merged = onTopOf(theirs, before, mine).variants;
        for (const name of NAMES) expect(merged[name]).toEqual((touched.has(name) ? mine : theirs).variants[name]);
      }),
    ));
});

describe('what is sent', () => {
  test('is nothing where nothing differs, in whatever order it is written', () => {
    const before = { variants: { a: { x: 1, y: 2 }, b: { z: 3 } }, clientSide: true };
    expect(servedInput(before, { variants: { b: { z: 3 }, a: { y: 2, x: 1 } }, clientSide: true })).toEqual({});
  });

  test('is the whole set of variants where one differs, and browsers alone where only they do', () => {
    const before = { variants: { a: 'x', b: 'y' }, clientSide: true };
    expect(servedInput(before, { ...before, clientSide: false })).toEqual({ clientSide: false });
    expect(servedInput(before, { ...before, variants: { a: 'x', c: 'z' } })).toEqual({ variants: { a: 'x', c: 'z' } });
  });
});

describe('the form of a flag', () => {
  const flagOf = (type: Flag['type'], variants: Flag['variants']) => ({ type, variants, clientSide: false }) as Flag;

  test.each<[Flag['type'], Flag['variants']]>([
    ['string', { control: 'Hello', quoted: '"x"', empty: '' }],
    ['number', { low: -0.5, high: 1e21 }],
    ['boolean', { on: true, off: false }],
    ['object', { control: { limit: 10, nested: { list: [1, null] } }, empty: {} }],
  ])('of type %s says the same again', (type, variants) => {
    const flag = flagOf(type, variants);
    const read = readServed(type, toServedForm(flag));
    expect(read).toEqual({ served: { variants, clientSide: false } });
    expect(toServedForm(flag).variants.every(({ exists }) => exists)).toBe(true);
  });

  test('names the variant that is wrong, and repeats no long text', () => {
    const form = toServedForm(flagOf('object', { control: {} }));
    const broken = `{ "a": "${'x'.repeat(500)}" `;
    const read = readServed('object', { ...form, variants: form.variants.map((one) => ({ ...one, value: broken })) });
    const message = 'errors' in read ? read.errors['variants.control'] : undefined;
    expect(message).toMatch(/the value of 'control', is not a JSON object\.$/);
    expect(message?.length).toBeLessThan(120);
    const unnamed = readServed('object', { ...form, variants: [{ id: 0, name: 'no spaces', value: '{}', exists: false }] });
    expect(unnamed).toEqual({ errors: { 'variants.no spaces': expect.stringContaining('A variant name is') } });
  });
});

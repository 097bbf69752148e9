import { describe, expect, test } from 'vitest';
import { emptyForm, type FlagForm, toCreateFlagInput, withType } from './flag-form.ts';

const nowMs = Date.UTC(2027, 0, 15, 12);
const create = (form: FlagForm) => toCreateFlagInput(form, nowMs);
const form = { ...emptyForm(), key: 'new-checkout', owner: 'payments' };

describe('toCreateFlagInput', () => {
  test('a key and an owner are enough for a boolean release flag', () => {
    expect(create(form)).toEqual({
      input: {
        key: 'new-checkout', description: '', kind: 'release', type: 'boolean', variants: { on: true, off: false },
        fallthrough: { variant: 'on' }, offVariant: 'off', clientSide: false, owner: 'payments', tags: [],
      }, // biome-ignore format: a fixture is read as one block
    });
  });

  test('leaves the expiry of a temporary flag to the server, and sets none for a lasting one', () => {
    expect(create({ ...form, kind: 'operational', owner: '' })).toMatchObject({
      input: { expiresOn: null, owner: null },
    });
    expect(create({ ...form, expiresOn: '2027-05-01' })).toMatchObject({ input: { expiresOn: '2027-05-01' } });
  });

  test('names the field that is wrong', () => {
    expect(create({ ...form, owner: ' ' })).toMatchObject({
      errors: { owner: expect.stringContaining('needs an owner') },
    });
    expect(create({ ...form, key: 'no spaces' })).toMatchObject({ errors: { key: expect.any(String) } });
  });

  test('keeps text as text and reads everything else as JSON of the right type', () => {
    expect(create(withType(form, 'string'))).toMatchObject({ input: { variants: { control: 'Hello' } } });
    expect(create(withType(form, 'object'))).toMatchObject({ input: { variants: { control: { limit: 10 } } } });
    for (const value of ['[1]', 'null', '{', '"x"'])
      expect(create({ ...withType(form, 'object'), variants: [{ id: 0, name: 'a', value, exists: false }] })).toEqual({
        errors: { 'variants.a': `'${value}', the value of 'a', is not a JSON object.` },
      });
  });

  test('lets what is served go along with a variant that gets another name, through one that another variant has', () => {
    let renaming = form;
    for (const name of ['o', 'on', 'on-hold'])
      renaming = { ...renaming, variants: renaming.variants.map((one) => (one.id === 1 ? { ...one, name } : one)) };
    expect(create(renaming)).toMatchObject({ input: { fallthrough: { variant: 'on' }, offVariant: 'on-hold' } });
  });

  test('refuses two variants of one name', () => {
    const variants = [0, 1].map((id) => ({ id, name: 'on', value: 'true', exists: false }));
    expect(create({ ...form, variants })).toEqual({ errors: { 'variants.on': "There are two variants named 'on'." } });
  });

  test('refuses an expiry that has passed or is more than five years ahead', () => {
    const expiring = (expiresOn: string) => create({ ...form, expiresOn });
    expect(expiring('2027-01-14')).toEqual({ errors: { expiresOn: expect.stringContaining('has passed') } });
    expect(expiring('2027-01-15')).toMatchObject({ input: { expiresOn: '2027-01-15' } });
    expect(expiring('2032-01-15')).toMatchObject({ input: { expiresOn: '2032-01-15' } });
    expect(expiring('2032-01-16')).toEqual({ errors: { expiresOn: expect.stringContaining('5 years') } });
    expect(expiring('20320-01-16')).toEqual({ errors: { expiresOn: expect.any(String) } });
  });

  test('says what is wrong in words for people, at the field that is wrong', () => {
    const long = 'x'.repeat(20_000);
    const variants = [{ id: 0, name: '', value: 'true', exists: false }];
    const cases: [Partial<FlagForm>, field: string, words: string][] = [
      [{ key: '' }, 'key', 'A flag key is'],
      [{ key: long }, 'key', 'A flag key is'],
      [{ description: long }, 'description', 'characters at most'],
      [{ owner: long }, 'owner', 'characters at most'],
      [{ tags: `a, ${long}` }, 'tags', 'characters at most'],
      [{ tags: Array.from({ length: 51 }, (_, index) => index).join() }, 'tags', '50 tags at most'],
      [{ variants }, 'variants.', 'A variant name is'],
      [{ served: 7 }, 'fallthrough', 'Choose a variant'],
      [{ offVariant: 7 }, 'offVariant', 'Choose a variant'],
    ];
    for (const [part, field, words] of cases) {
      const result = create({ ...form, ...part });
      expect(result).toMatchObject({ errors: { [field]: expect.stringContaining(words) } });
      expect(JSON.stringify(result)).not.toMatch(/Too |Invalid|expected/);
    }
  });
});

import { describe, expect, test } from 'vitest';
import { emptyForm, toCreateFlagInput, withType } from './flag-form.ts';

const form = { ...emptyForm(), key: 'new-checkout', owner: 'payments' };

describe('toCreateFlagInput', () => {
  test('a key and an owner are enough for a boolean release flag', () => {
    expect(toCreateFlagInput(form)).toEqual({
      input: {
        key: 'new-checkout', description: '', kind: 'release', type: 'boolean', variants: { on: true, off: false },
        fallthrough: { variant: 'on' }, offVariant: 'off', clientSide: false, owner: 'payments', tags: [],
      }, // biome-ignore format: a fixture is read as one block
    });
  });

  test('leaves the expiry of a temporary flag to the server, and sets none for a lasting one', () => {
    expect(toCreateFlagInput({ ...form, kind: 'operational', owner: '' })).toMatchObject({
      input: { expiresOn: null, owner: null },
    });
    expect(toCreateFlagInput({ ...form, expiresOn: '2027-05-01' })).toMatchObject({ input: { expiresOn: '2027-05-01' } });
  });

  test('names the field that is wrong', () => {
    expect(toCreateFlagInput({ ...form, owner: ' ' })).toMatchObject({
      errors: { owner: expect.stringContaining('needs an owner') },
    });
    expect(toCreateFlagInput({ ...form, key: 'no spaces' })).toMatchObject({ errors: { key: expect.any(String) } });
  });

  test('keeps text as text and reads everything else as JSON of the right type', () => {
    expect(toCreateFlagInput(withType(form, 'string'))).toMatchObject({ input: { variants: { control: 'Hello' } } });
    expect(toCreateFlagInput(withType(form, 'object'))).toMatchObject({ input: { variants: { control: { limit: 10 } } } });
    for (const value of ['[1]', 'null', '{', '"x"'])
      expect(toCreateFlagInput({ ...withType(form, 'object'), variants: [{ id: 0, name: 'a', value }] })).toEqual({
        errors: { 'variants.a': `'${value}' is not a JSON object.` },
      });
  });

  test('refuses two variants of one name', () => {
    const variants = [0, 1].map((id) => ({ id, name: 'on', value: 'true' }));
    expect(toCreateFlagInput({ ...form, variants })).toEqual({ errors: { 'variants.on': "There are two variants named 'on'." } });
  });
});

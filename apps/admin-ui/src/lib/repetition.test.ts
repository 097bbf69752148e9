import { expect, it } from 'vitest';
import { openOutcomes } from './repetition.ts';

const EDIT = { method: 'PATCH', path: '/projects/shop/flags/banner', body: '{"tags":["a"]}', ifVersion: 3 };

function storage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const items = new Map<string, string>();
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, text) => void items.set(name, text),
    removeItem: (name) => void items.delete(name),
  };
}

it('knows an edit again while nobody knows its outcome, and no other edit by it', () => {
  const open = openOutcomes(storage());
  const key = open.keyOf(EDIT);
  open.keep(EDIT, key);
  expect(open.keyOf({ ...EDIT })).toBe(key);
  const others = [
    open.keyOf({ ...EDIT, ifVersion: 4 }),
    open.keyOf({ ...EDIT, body: '{"tags":["b"]}' }),
    open.keyOf({ ...EDIT, path: '/projects/shop/flags/basket' }),
    open.keyOf({ ...EDIT, method: 'POST' }),
  ];
  expect(new Set([key, ...others]).size).toBe(5);
});

it('takes the same edit of the same version for another one once the first was answered: a thing may be deleted and made again', () => {
  const open = openOutcomes(storage());
  const key = open.keyOf(EDIT);
  expect(open.keyOf(EDIT)).not.toBe(key);
  open.keep(EDIT, key);
  open.forget(EDIT);
  expect(open.keyOf(EDIT)).not.toBe(key);
});

it('gives each new thing a key of its own: made, deleted and made again, it is there again', () => {
  const create = { method: 'POST', path: '/teams', body: '{"key":"growth"}', ifVersion: undefined };
  const open = openOutcomes(storage());
  open.keep(create, open.keyOf(create));
  expect(open.keyOf(create)).not.toBe(open.keyOf(create));
});

it('does without a storage, and with a full one', () => {
  const full = { ...storage(), setItem: () => { throw new DOMException('full', 'QuotaExceededError'); } }; // biome-ignore format: one thought
  for (const open of [openOutcomes(undefined), openOutcomes(full)]) {
    open.keep(EDIT, 'k');
    expect(open.keyOf(EDIT)).toMatch(/^[0-9a-f]{32}$/);
    open.forget(EDIT);
  }
});

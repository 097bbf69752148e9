import { expect, it } from 'vitest';
import { idempotencyKey } from './repetition.ts';

const EDIT = { method: 'PATCH', path: '/projects/shop/flags/banner', body: '{"tags":["a"]}', ifVersion: 3 };

it('gives the same edit of the same version the same key, and any other edit another', () => {
  const key = idempotencyKey(EDIT);
  expect(idempotencyKey({ ...EDIT })).toBe(key);
  const others = [
    idempotencyKey({ ...EDIT, ifVersion: 4 }),
    idempotencyKey({ ...EDIT, body: '{"tags":["b"]}' }),
    idempotencyKey({ ...EDIT, path: '/projects/shop/flags/basket' }),
    idempotencyKey({ ...EDIT, method: 'POST' }),
  ];
  expect(new Set([key, ...others]).size).toBe(5);
});

it('gives each new thing a key of its own: made, deleted and made again, it is there again', () => {
  const create = { method: 'POST', path: '/teams', body: '{"key":"growth"}', ifVersion: undefined };
  expect(idempotencyKey(create)).not.toBe(idempotencyKey(create));
});

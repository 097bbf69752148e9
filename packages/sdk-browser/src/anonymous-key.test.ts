import { afterEach, expect, it, vi } from 'vitest';
import { anonymousKey } from './anonymous-key.ts';
import { fakeStorage } from './testing/fake-page.ts';

afterEach(() => void vi.unstubAllGlobals());

it('stays in one browser, and differs from that of another', () => {
  vi.stubGlobal('localStorage', fakeStorage());
  const mine = anonymousKey();
  expect(mine).toMatch(/^(\d+-){3}\d+$/);
  expect(anonymousKey()).toBe(mine);
  vi.stubGlobal('localStorage', fakeStorage());
  expect(anonymousKey()).not.toBe(mine);
});

it('is that of the tab that wrote last, where two make one at the same time', () => {
  const { getItem, setItem } = fakeStorage();
  const storage = {
    getItem,
    setItem: (item: string) => setItem(item, 'of the other tab'),
  };
  vi.stubGlobal('localStorage', storage);
  expect(anonymousKey()).toBe('of the other tab');
});

it('lasts as long as the page where the browser keeps nothing', () => {
  const refuse = () => {
    throw new Error('SecurityError');
  };
  for (const storage of [undefined, { getItem: refuse }, { getItem: () => null, setItem: refuse }]) {
    vi.stubGlobal('localStorage', storage);
    expect(anonymousKey()).toMatch(/^page-\d/);
    expect(anonymousKey()).toBe(anonymousKey());
  }
});

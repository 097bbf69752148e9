import { describe, expect, it } from 'vitest';
import { cutPage, pageQuery } from './page.ts';

const letters = ['c', 'a', 'e', 'b', 'd'];
const idOf = (letter: string) => letter;

describe('cutPage', () => {
  it.each([1, 2, 4, 5, 200])('gives every item once and in order, %i at a time', (limit) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = cutPage(letters, { limit, cursor }, idOf);
      expect(page.items.length).toBeLessThanOrEqual(limit);
      seen.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(letters);
  });

  it('has no next page after the last item, and none of an empty list', () => {
    expect(cutPage(letters, { limit: 5 }, idOf).next).toBeNull();
    expect(cutPage([], { limit: 5 }, idOf)).toEqual({ items: [], next: null });
  });

  it('refuses a cursor of something that is gone, rather than begin again', () => {
    expect(() => cutPage(letters, { limit: 2, cursor: 'z' }, idOf)).toThrow('This cursor names nothing that the list still has');
  });
});

it('a page has 200 items at most', () => {
  expect(pageQuery.parse({})).toEqual({ limit: 200 });
  expect(pageQuery.safeParse({ limit: '201' }).success).toBe(false);
});

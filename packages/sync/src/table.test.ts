import { describe, expect, it } from 'vitest';
import { Table } from './table.ts';

describe('a table', () => {
  const first = new Table<number>();
  first.set('a', 1);
  first.set('b', 2);
  const second = new Table(first);
  second.set('a', undefined);
  second.set('c', 3);

  it('stays as it is when a copy of it changes', () => {
    expect([first.get('a'), first.get('c'), first.values()]).toEqual([1, undefined, [1, 2]]);
    expect([second.get('a'), second.get('c'), second.values()]).toEqual([undefined, 3, [2, 3]]);
  });

  it('takes an id that another copy has had, and knows none of what that one holds', () => {
    const third = new Table(first);
    third.set('d', 4);
    expect([third.get('c'), third.get('d'), third.values()]).toEqual([undefined, 4, [1, 2, 4]]);
    third.set('c', 5);
    expect([second.get('c'), third.get('c')]).toEqual([3, 5]);
  });
});

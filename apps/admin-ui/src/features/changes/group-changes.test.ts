import type { Change } from '@yardarm/contract';
import { expect, test } from 'vitest';
import { groupChanges } from './group-changes.ts';

function changeOf(id: string, key: string, environment: string | null): Change {
  return {
    id, command: 'flag.create', kind: 'flag', key, environment, revision: null, before: null, after: {},
    actor: { kind: 'person', name: 'mina' }, reason: null, requestId: 'r1', at: '2027-01-01T00:00:00.000Z',
  }; // biome-ignore format: a fixture is read as one block
}

test('a flag that was created in three environments is one line, told by its project half', () => {
  const changes = [
    changeOf('8-3', 'a', 'production'),
    changeOf('8-2', 'a', 'staging'),
    changeOf('8-1', 'a', null),
    changeOf('7-1', 'a', 'staging'),
  ];
  expect(groupChanges(changes).map(({ change, environments }) => [change.id, environments])).toEqual([
    ['8-1', ['production', 'staging']],
    ['7-1', ['staging']],
  ]);
});

test('two entities of one change set stay two lines', () => {
  expect(groupChanges([changeOf('8-2', 'a', 'staging'), changeOf('8-1', 'b', 'staging')])).toHaveLength(2);
});

test('a group at the end of a page of the history may be a part, until its project half has come', () => {
  const page = [changeOf('9-1', 'b', 'staging'), changeOf('8-3', 'a', 'production'), changeOf('8-2', 'a', 'staging')];
  expect(groupChanges(page, true).map(({ isCut }) => isCut)).toEqual([false, true]);
  expect(groupChanges(page, false).map(({ isCut }) => isCut)).toEqual([false, false]);
  expect(groupChanges([...page, changeOf('8-1', 'a', null)], true).map(({ isCut }) => isCut)).toEqual([false, false]);
});

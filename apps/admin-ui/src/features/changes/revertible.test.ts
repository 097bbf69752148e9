import type { Change } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { isRevertible, revertAction } from './revertible.ts';

const change = (part: Partial<Change>): Change => ({
  id: '1-1',
  command: 'flag.configure',
  kind: 'flag',
  key: 'a',
  environment: 'production',
  revision: 2,
  before: {},
  after: {},
  actor: { kind: 'person', name: 'ada' },
  reason: null,
  requestId: 'r1',
  at: '2030-01-01T00:00:00Z',
  ...part,
});

describe('isRevertible', () => {
  it('offers to take back an edit and an unkill', () => {
    expect(isRevertible(change({ before: { rules: [] }, after: { rules: [{}] } }))).toBe(true);
    expect(isRevertible(change({ before: { on: false }, after: { on: true } }))).toBe(true);
  });

  it('offers no way to turn a flag on, nor to undo what has a command of its own', () => {
    expect(isRevertible(change({ before: { on: true }, after: { on: false } }))).toBe(false);
    expect(isRevertible(change({ before: null }))).toBe(false);
    expect(isRevertible(change({ after: null }))).toBe(false);
    expect(isRevertible(change({ before: { archived: false }, after: { archived: true } }))).toBe(false);
    expect(isRevertible(change({ kind: 'key', before: { name: 'a' }, after: { name: 'b' } }))).toBe(false);
  });
});

describe('revertAction', () => {
  it('is to configure where the change was of one environment, and to update where it was of the whole', () => {
    expect(revertAction({ kind: 'flag', environment: 'production' })).toBe('flag.configure');
    expect(revertAction({ kind: 'segment', environment: null })).toBe('segment.update');
    expect(revertAction({ kind: 'environment', environment: 'production' })).toBe('environment.update');
  });
});

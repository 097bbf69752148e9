import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Heads } from '../changes/change-feed.ts';
import type { Circumstances } from '../changes/circumstances.ts';
import type { LoadedChanges } from '../ruleset/load.ts';
import { createCommitFollower } from './follow-commits.ts';

const CALM: Circumstances = { instanceId: 'i', incarnation: '1', keysFingerprint: 'k' };

/** A follower in front of a cache that takes whatever it is given, in circumstances that a first look found. */
function start() {
  let nowMs = 0;
  let settled = true;
  const taken: number[] = [];
  const follower = createCommitFollower({
    cache: {
      follow: (_environmentId: string, { head }: LoadedChanges) => {
        if (head.revision === 13) throw new Error('unlucky');
        taken.push(head.revision);
        return true;
      },
    },
    isSettled: () => settled,
    monotonicMs: () => nowMs,
    log: pino({ level: 'silent' }),
  });
  const looked = (revision: number, more: Partial<Heads> = {}): Heads => ({
    ...CALM,
    beganMs: nowMs,
    heads: [{ environmentId: 'e', epoch: '1-a', revision, committedAtMs: 0 }],
    minWriter: 0,
    clockOffsetMs: 0,
    ...more,
  });
  const look = (heads: Heads) => {
    follower.begin(heads);
    follower.end(heads);
  };
  look(looked(6));
  return {
    ...{ follower, looked, look, taken },
    commit: (revision: number, circumstances: Partial<Circumstances> = {}) =>
      follower.follow({
        written: [{ environmentId: 'e', head: { epoch: '1-a', revision, committedAtMs: 0 }, objects: [] }],
        circumstances: { ...CALM, ...circumstances },
      }),
    pass: (ms: number) => {
      nowMs += ms;
    },
    setSettled: (value: boolean) => {
      settled = value;
    },
  };
}

describe('A commit of this server', () => {
  test('is followed in the circumstances that the last look found', () => {
    const { commit, taken } = start();
    commit(7);
    commit(8);
    expect(taken).toEqual([7, 8]);
  });

  test.each([{ instanceId: 'j' }, { incarnation: '2' }, { keysFingerprint: 'l' }])('is left to a look where %o', (other) => {
    const { commit, taken, look, looked } = start();
    commit(7, other);
    expect(taken).toEqual([]);
    look(looked(7, other));
    commit(8, other);
    expect(taken).toEqual([8]);
  });

  test('is left to a look while another database or other keys are being taken over, also if it was made before them', () => {
    const { commit, taken, follower, looked } = start();
    const other = looked(6, { keysFingerprint: 'l' });
    follower.begin(other);
    commit(7);
    commit(7, { keysFingerprint: 'l' });
    expect(taken).toEqual([]);
    follower.end(other);
    commit(7, { keysFingerprint: 'l' });
    expect(taken).toEqual([7]);
  });

  test('is left to a look where the database was found to contradict what is served', () => {
    const { commit, taken, setSettled } = start();
    setSettled(false);
    commit(7);
    expect(taken).toEqual([]);
  });

  test('never fails its command', () => {
    const { commit } = start();
    expect(() => commit(13)).not.toThrow();
  });
});

describe('A look that was sent before a commit that was followed', () => {
  test('does not make the database seem to be behind what is served; the next one can', () => {
    const { commit, looked, follower, pass } = start();
    const sent = looked(6);
    pass(1);
    commit(7);
    expect(follower.begin(sent).heads).toMatchObject([{ revision: 7 }]);
    pass(1);
    expect(follower.begin(looked(6)).heads).toMatchObject([{ revision: 6 }]);
  });

  test('keeps what it found where that is newer, or of another epoch', () => {
    const { commit, looked, follower } = start();
    commit(7);
    expect(follower.begin(looked(8)).heads).toMatchObject([{ revision: 8 }]);
    const heads = [{ environmentId: 'e', epoch: '2-b', revision: 3, committedAtMs: 0 }];
    expect(follower.begin(looked(0, { heads })).heads).toEqual(heads);
  });
});

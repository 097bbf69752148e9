/**
 * Serves what this server commits without reading it back: the transaction has everything at hand, and a kill is with its readers
 * some milliseconds sooner. Only where it goes on from what is served and nothing else has changed since the last look at the
 * database; whatever it leaves out, the look that every commit brings about finds.
 */
import { compareStates } from '@yardarm/sync';
import type { FastifyBaseLogger } from 'fastify';
import type { Head, Heads } from '../changes/change-feed.ts';
import { areSame, type Circumstances } from '../changes/circumstances.ts';
import type { RecordedChange } from '../changes/record-change.ts';
import type { RuleSetCache } from '../ruleset/cache.ts';

export interface CommitFollower {
  /** Takes over a change, in the turn in which its commit was acknowledged. Never throws. */
  follow(recorded: Pick<RecordedChange, 'written' | 'circumstances'>): void;
  /**
   * A look has been answered, and is going to be acted on. Answers its heads with what was followed since it was sent: they say
   * nothing about that, and would seem to be behind it.
   */
  begin(looked: Heads): Heads;
  /** What the look found is in force: its keys, and `isSettled` goes by its database. */
  end(looked: Heads): void;
}

export interface FollowerOptions {
  readonly cache: Pick<RuleSetCache, 'follow'>;
  /** Whether the environment's state in the database is known to go on from what is served. */
  readonly isSettled: (environmentId: string) => boolean;
  /** Milliseconds since any moment, on a clock that nobody sets. */
  readonly monotonicMs: () => number;
  readonly log: FastifyBaseLogger;
}

export function createCommitFollower({ cache, isSettled, monotonicMs, log }: FollowerOptions): CommitFollower {
  /** Under which whatever is followed stands; undefined while that is being found out. */
  let inForce: Circumstances | undefined;
  const followed = new Map<string, { readonly head: Head; readonly atMs: number }>();

  return {
    follow: ({ written, circumstances }) => {
      if (inForce === undefined || !areSame(inForce, circumstances)) return;
      for (const next of written) {
        const { environmentId, head } = next;
        try {
          if (!isSettled(environmentId) || !cache.follow(environmentId, next)) continue;
          followed.set(environmentId, { head: { environmentId, ...head }, atMs: monotonicMs() });
        } catch (error) {
          log.error({ err: error, environmentId }, 'a commit could not be followed; a look at the database makes up for it');
        }
      }
    },
    begin: (looked) => {
      if (inForce !== undefined && !areSame(inForce, looked)) inForce = undefined;
      for (const [id, { atMs }] of followed) if (atMs < looked.beganMs) followed.delete(id);
      const heads = looked.heads.map((head) => {
        const own = followed.get(head.environmentId)?.head;
        return own !== undefined && own.epoch === head.epoch && compareStates(own, head) > 0 ? own : head;
      });
      return { ...looked, heads };
    },
    end: ({ instanceId, incarnation, keysFingerprint }) => {
      inForce = { instanceId, incarnation, keysFingerprint };
    },
  };
}

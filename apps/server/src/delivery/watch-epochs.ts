/**
 * Notices that the database is behind what SDKs hold: it was restored, or a failover lost its tail. Readers never go
 * backwards, so they would wait for it to pass them, and would then be led on from what never was. A new epoch makes what the
 * database holds now the newest for everybody. Until it is there, what is served stays as it is: never a mixture.
 */
import { compareStates, type SyncState } from '@yardarm/sync';
import type { FastifyBaseLogger } from 'fastify';
import type { Head, Heads } from '../changes/change-feed.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';

/** Between two epochs of an environment because of what readers say, and between two attempts at anything. */
const CLAIM_EVERY_MS = 60_000;
const RETRY_MS = 5_000;

/** A state that somebody holds; digest null: only its place counts. */
export interface SeenState {
  readonly epoch: string;
  readonly revision: number;
  readonly digest: string | null;
}

export interface EpochWatchOptions {
  readonly environment: (environmentId: string) => ServedEnvironment | undefined;
  /** What the database has at a revision. */
  readonly digestAt: (environmentId: string, revision: number) => Promise<string>;
  /** Makes a new epoch unless the primary, under the head lock, turns out not to be behind; answers whether it did. */
  readonly mint: (environment: ServedEnvironment, seen: SeenState) => Promise<boolean>;
  /** Milliseconds since any moment, on a clock that nobody sets. */
  readonly monotonicMs: () => number;
  readonly log: FastifyBaseLogger;
}

export interface EpochWatch {
  /** Environments whose state in the database must not be taken over: it contradicts what is served, or could not be compared yet. */
  examine(heads: Heads): Promise<ReadonlySet<string>>;
  /** Whether the environment's state in the database was found to go on from what is served. */
  isSettled(environmentId: string): boolean;
  /** A reader with a server key holds this. Call it after a look at the database. */
  claim(environmentId: string, state: Pick<SyncState, 'epoch' | 'revision'>): void;
}

export function createEpochWatch({ environment, digestAt, mint, monotonicMs, log }: EpochWatchOptions): EpochWatch {
  /** Served states that the database contradicts, until it has a newer epoch. */
  const contradicted = new Map<string, SeenState>();
  /** The newest state that a reader named, until the database is as new. One for each environment, whoever asks however often. */
  const claims = new Map<string, SeenState>();
  /** Not held against this incarnation of the database yet, and when that is due. */
  const dueAtMs = new Map<string, number>();
  const attempts = new Map<string, number>();
  const claimedAtMs = new Map<string, number>();
  let incarnation: string | undefined;

  async function examineOne(head: Head): Promise<void> {
    const id = head.environmentId;
    const served = environment(id);
    if (served === undefined) return void dueAtMs.delete(id);
    const { state } = served.views.server;
    const isBehind = compareStates(head, state) < 0;
    const sameEpoch = head.epoch === state.epoch;
    if (isBehind) contradicted.set(id, state);
    else if (!sameEpoch) contradicted.delete(id);
    if (isBehind || !sameEpoch) dueAtMs.delete(id);
    else if (dueAtMs.has(id)) await compare(id, state);
    const claim = claims.get(id);
    if (claim !== undefined && compareStates(head, claim) >= 0) claims.delete(id);
  }

  /** One environment that cannot be compared keeps what it serves, and nothing from the others. */
  async function compare(id: string, state: SeenState): Promise<void> {
    if (monotonicMs() < (dueAtMs.get(id) ?? 0)) return;
    try {
      if ((await digestAt(id, state.revision)) !== state.digest) contradicted.set(id, state);
      dueAtMs.delete(id);
    } catch (error) {
      dueAtMs.set(id, monotonicMs() + RETRY_MS);
      log.warn(
        { environmentId: id, err: error },
        'the database is another one, and could not be compared with what is served yet',
      );
    }
  }

  function attempt(id: string): void {
    const served = environment(id);
    const seen = contradicted.get(id) ?? claims.get(id);
    if (served === undefined || seen === undefined || monotonicMs() - (attempts.get(id) ?? Number.NEGATIVE_INFINITY) < RETRY_MS)
      return;
    const isClaim = !contradicted.has(id);
    if (isClaim && monotonicMs() - (claimedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < CLAIM_EVERY_MS) return;
    attempts.set(id, monotonicMs());
    const { project, environment: key } = served.rules;
    const facts = { project, environment: key, seen, isClaim };
    mint(served, seen).then(
      (isMinted) => {
        if (isClaim) {
          claims.delete(id);
          claimedAtMs.set(id, monotonicMs());
        }
        if (isMinted) log.error(facts, 'the database was behind what SDKs hold: a new epoch makes what it holds now the newest');
        else {
          contradicted.delete(id);
          if (isClaim) log.warn(facts, 'an SDK names a state that the database never had, or has passed: ignored');
        }
      },
      (error: unknown) =>
        log.warn({ ...facts, err: error }, 'the database is behind what SDKs hold, and no new epoch could be made yet'),
    );
  }

  return {
    isSettled: (id) => !contradicted.has(id) && !dueAtMs.has(id),
    examine: async (heads) => {
      if (heads.incarnation !== incarnation) for (const head of heads.heads) dueAtMs.set(head.environmentId, monotonicMs());
      incarnation = heads.incarnation;
      for (const head of heads.heads) await examineOne(head);
      for (const id of new Set([...contradicted.keys(), ...claims.keys()])) attempt(id);
      return new Set([...contradicted.keys(), ...dueAtMs.keys()]);
    },
    claim: (environmentId, state) => {
      const served = environment(environmentId);
      if (served === undefined || compareStates(state, served.views.server.state) <= 0) return;
      const known = claims.get(environmentId);
      if (known !== undefined && compareStates(known, state) >= 0) return;
      claims.set(environmentId, { epoch: state.epoch, revision: state.revision, digest: null });
      attempt(environmentId);
    },
  };
}

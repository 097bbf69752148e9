/**
 * Notices that the database is behind what SDKs hold: it was restored, or a failover lost its tail. Readers never go
 * backwards, so they would wait for it to pass them, and would then be led on from what never was. A new epoch makes what the
 * database holds now the newest for everybody. Until it is there, what is served stays as it is: never a mixture.
 */
import { compareStates, type SyncState } from '@yardarm/sync';
import type { FastifyBaseLogger } from 'fastify';
import type { Head, Heads } from '../changes/change-feed.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';

/** Between two epochs of an environment because of what readers say. */
const CLAIM_EVERY_MS = 60_000;

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
  /** A look found this. Asks nobody. */
  examine(found: Heads): void;
  /** Whether the environment's state in the database was found to go on from what is served. */
  isSettled(environmentId: string): boolean;
  /** Whether it is settled, and no reader's word about it is to be looked into. */
  isAtRest(environmentId: string): boolean;
  /**
   * Finds it out, or makes a new epoch, which a later look finds; answers whether the head may be taken over. One call at a time for each
   * environment. Rejects when the database does not answer, and is called again then; not for what a reader named.
   */
  settle(head: Head): Promise<boolean>;
  /** A reader with a server key holds this. Call it after a look at the database. */
  claim(environmentId: string, state: Pick<SyncState, 'epoch' | 'revision'>): void;
}

export function createEpochWatch({ environment, digestAt, mint, monotonicMs, log }: EpochWatchOptions): EpochWatch {
  /** Served states that the database contradicts, until it has a newer epoch. */
  const contradicted = new Map<string, SeenState>();
  /** The newest state that a reader named, until the database is as new. One for each environment, whoever asks however often. */
  const claims = new Map<string, SeenState>();
  const claimedAtMs = new Map<string, number>();
  /** Incarnation of the database that what is served was last held against. */
  const comparedWith = new Map<string, string>();
  let incarnation = '';
  let heads: ReadonlyMap<string, Head> = new Map();

  const stateOf = (id: string) => environment(id)?.views.server.state;
  const isSettled = (id: string) => !contradicted.has(id) && comparedWith.get(id) === incarnation;

  function examineOne(head: Head): void {
    const id = head.environmentId;
    const state = stateOf(id);
    if (state !== undefined && compareStates(head, state) < 0) contradicted.set(id, state);
    else if (head.epoch !== state?.epoch) contradicted.delete(id);
    const claim = claims.get(id);
    if (claim !== undefined && compareStates(head, claim) >= 0) claims.delete(id);
  }

  function dueClaim(id: string): SeenState | undefined {
    return monotonicMs() - (claimedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < CLAIM_EVERY_MS ? undefined : claims.get(id);
  }

  /** Where the epochs differ there is nothing to compare: everything is read anew. */
  async function compare({ environmentId: id, epoch }: Head): Promise<void> {
    const against = incarnation;
    const state = stateOf(id);
    if (state?.epoch === epoch && (await digestAt(id, state.revision)) !== state.digest) contradicted.set(id, state);
    comparedWith.set(id, against);
  }

  async function makeEpoch(served: ServedEnvironment, seen: SeenState): Promise<void> {
    const { project, environment: key, environmentId: id } = served.rules;
    const isClaim = !contradicted.has(id);
    const facts = { project, environment: key, seen, isClaim };
    if (isClaim) claimedAtMs.set(id, monotonicMs());
    const isMinted = await mint(served, seen).catch((cause: unknown) => {
      if (!isClaim) throw new Error('The database is behind what SDKs hold, and no new epoch could be made yet.', { cause });
      // A reader's word must not keep from the others what the database has.
      log.warn({ ...facts, err: cause }, 'an SDK names a state that could not be looked into; it is again in a minute');
      return null;
    });
    if (isMinted === null) return;
    if (isClaim) claims.delete(id);
    if (isMinted) log.error(facts, 'the database was behind what SDKs hold: a new epoch makes what it holds now the newest');
    else {
      contradicted.delete(id);
      if (isClaim) log.warn(facts, 'an SDK names a state that the database never had, or has passed: ignored');
    }
  }

  return {
    examine: (found) => {
      incarnation = found.incarnation;
      heads = new Map(found.heads.map((head) => [head.environmentId, head]));
      for (const head of found.heads) examineOne(head);
    },
    isSettled,
    isAtRest: (id) => isSettled(id) && dueClaim(id) === undefined,
    settle: async (head) => {
      const id = head.environmentId;
      if (!contradicted.has(id) && comparedWith.get(id) !== incarnation) await compare(head);
      const served = environment(id);
      const seen = contradicted.get(id) ?? dueClaim(id);
      if (served !== undefined && seen !== undefined) await makeEpoch(served, seen);
      return !contradicted.has(id);
    },
    claim: (environmentId, state) => {
      const known = [stateOf(environmentId), heads.get(environmentId), claims.get(environmentId)];
      if (known[0] === undefined || known.some((one) => one !== undefined && compareStates(state, one) <= 0)) return;
      claims.set(environmentId, { epoch: state.epoch, revision: state.revision, digest: null });
    },
  };
}

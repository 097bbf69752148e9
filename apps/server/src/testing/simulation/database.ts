/**
 * The store of a simulated world: one environment's change sets, its epochs, and every state that ever was, which is
 * what the oracle holds readers against. Answers servers as `ruleset/load.ts` does, and can be away.
 */
import { compareStates, type SyncState, type View } from '@yardarm/sync';
import type { EnvironmentIdentity, StoredObject } from '../../ruleset/environment-rules.ts';
import type { LoadedRules, RuleReader } from '../../ruleset/load.ts';
import { bodyId } from '../../ruleset/rule-set-view.ts';
import { type Bodies, WALL_START_MS } from './edits.ts';
import type { World } from './world.ts';

export const IDENTITY: EnvironmentIdentity = {
  environmentId: '8f3c5a52-0d5c-4a0e-9a3e-0a1f5f1f8a01',
  project: 'shop',
  environment: 'production',
};

export interface LoggedRevision {
  readonly epoch: string;
  readonly revision: number;
  readonly committedAtMs: number;
  /** What this revision changed. */
  readonly objects: readonly StoredObject[];
  /** All that exists at it. */
  readonly bodies: Bodies;
}

export interface SimulatedDatabase {
  head(): LoggedRevision;
  /** The state of that name, if it ever was. */
  at(state: Pick<SyncState, 'epoch' | 'revision'>): LoggedRevision | undefined;
  /** Adds one change set and notifies; nothing, and false, while the store is away. */
  commit(objects: readonly StoredObject[]): boolean;
  /** Goes back to an older revision, under a new epoch, as the restore command does. */
  restore(revision: number): void;
  setAway(isAway: boolean): void;
  /** Takes the key of a view away, or gives it back. Servers learn of it where they look. */
  setRevoked(view: View, isRevoked: boolean): void;
  /** Views whose key is revoked, and the newest state at that instant: its readers get nothing newer. */
  revoked(): ReadonlyMap<View, Pick<SyncState, 'epoch' | 'revision'>>;
  /** Cuts one server off, or lets it back. */
  setUnreachable(server: string, isUnreachable: boolean): void;
  isAway(): boolean;
  canBeReachedBy(server: string): boolean;
  /** Rejects while the store cannot be asked by that server. */
  readHead(server: string): Promise<LoggedRevision>;
  readerOf(server: string): RuleReader;
}

/** @param notify called after each commit: a hint, which may get lost */
export function createDatabase(world: World, notify: () => void): SimulatedDatabase {
  const { random } = world;
  const log = new Map<string, LoggedRevision>();
  const unreachable = new Set<string>();
  const revoked = new Map<View, LoggedRevision>();
  let isAway = false;
  const first: LoggedRevision = {
    epoch: epochAfter(undefined),
    revision: 0,
    committedAtMs: WALL_START_MS,
    objects: [],
    bodies: new Map(),
  };
  /** By revision: the history that the store has now. */
  let line = [first];
  let head = first;
  log.set(nameOf(first), first);

  function epochAfter(previous: string | undefined): string {
    const mintMs = Math.max(WALL_START_MS + world.nowMs(), Number.parseInt(previous ?? '0', 10) + 1);
    return `${mintMs}-${random.between(0x1000, 0xffff).toString(16)}`;
  }

  async function asked(server: string): Promise<void> {
    await world.sleep(random.chance(0.02) ? random.between(100, 900) : random.between(1, 4));
    if (isAway || unreachable.has(server)) throw new Error('the store does not answer');
  }

  function wholeAt(pastRevisions: number): LoadedRules {
    const baseRevision = Math.max(0, head.revision - pastRevisions);
    const later = line.slice(baseRevision + 1).flatMap(({ objects }) => objects);
    return { identity: IDENTITY, head, baseRevision, objects: [...(line[baseRevision]?.bodies.values() ?? [])], later };
  }

  return {
    head: () => head,
    at: (state) => log.get(nameOf(state)),
    commit: (objects) => {
      if (isAway) return false;
      const bodies = new Map(head.bodies);
      for (const object of objects) {
        if (object.body === null) bodies.delete(bodyId(object.kind, object.key));
        else bodies.set(bodyId(object.kind, object.key), object);
      }
      head = { epoch: head.epoch, revision: head.revision + 1, committedAtMs: WALL_START_MS + world.nowMs(), objects, bodies };
      line.push(head);
      log.set(nameOf(head), head);
      const what = objects.map(({ kind, key, body }) => `${kind} ${key}${body === null ? ' removed' : ''}`);
      world.note(`store commits ${nameOf(head)}: ${what.join(', ') || 'nothing that is served'}`);
      notify();
      return true;
    },
    restore: (revision) => {
      const old = line[revision];
      if (isAway || old === undefined || compareStates(old, head) === 0) return;
      head = { ...old, epoch: epochAfter(head.epoch), committedAtMs: WALL_START_MS + world.nowMs() };
      line = [...line.slice(0, revision), head];
      log.set(nameOf(head), head);
      world.happened('older store restored');
      world.note(`store restored: ${nameOf(head)}`);
      notify();
    },
    setAway: (away) => {
      isAway = away;
    },
    setRevoked: (view, isRevoked) => {
      if (isRevoked) revoked.set(view, head);
      else revoked.delete(view);
    },
    revoked: () => revoked,
    setUnreachable: (server, isUnreachable) => {
      if (isUnreachable) unreachable.add(server);
      else unreachable.delete(server);
    },
    isAway: () => isAway,
    canBeReachedBy: (server) => !isAway && !unreachable.has(server),
    readHead: async (server) => {
      await asked(server);
      return head;
    },
    readerOf: (server) => ({
      whole: async (_environmentId, pastRevisions) => {
        await asked(server);
        return wholeAt(pastRevisions);
      },
      changes: async (_environmentId, revision) => {
        await asked(server);
        return { head, objects: line.slice(revision + 1).flatMap(({ objects }) => objects) };
      },
    }),
  };
}

function nameOf({ epoch, revision }: Pick<SyncState, 'epoch' | 'revision'>): string {
  return `${epoch}.${revision}`;
}

/**
 * The rule sets of all environments, in memory. SDKs are served from here alone, so that delivery goes on
 * while the database is away. Never goes backwards in (epoch, revision), and keeps the last good state of an
 * environment whose newer one cannot be read.
 */

import { compareStates, type View } from '@yardarm/sync';
import type { FastifyBaseLogger } from 'fastify';
import type { Head } from '../changes/change-feed.ts';
import {
  advanceRules,
  type EnvironmentIdentity,
  type EnvironmentRules,
  type StoredObject,
  startRules,
} from './environment-rules.ts';
import type { LoadedChanges, LoadedHead, RuleReader } from './load.ts';
import { type ServedView, serveView } from './served-view.ts';

/** History read at start: an SDK that reconnects after a restart of the server gets a delta, not everything. */
const PAST_REVISIONS_AT_START = 100;

/** One environment at one revision. */
export interface ServedEnvironment {
  readonly rules: EnvironmentRules;
  /** Commit of the newest revision, on the database's clock. */
  readonly committedAtMs: number;
  readonly views: Readonly<Record<View, ServedView>>;
}

export interface RuleSetCacheOptions {
  readonly reader: RuleReader;
  readonly log: FastifyBaseLogger;
  /** Called after the swap, in the same turn. */
  readonly onChange: (environment: ServedEnvironment) => void;
}

/** What one environment served at one revision, as it was kept for a start without a database. */
export interface KeptRules extends EnvironmentIdentity, LoadedHead {
  readonly objects: readonly StoredObject[];
}

export interface RuleSetCache {
  /** Serves what was kept, until the database is read; before the first refresh. Calls nobody. */
  seed(kept: readonly KeptRules[]): void;
  /** Serves nothing of what it has any more: it is of another instance. */
  forget(): void;
  isEmpty(): boolean;
  get(environmentId: string): ServedEnvironment | undefined;
  find(project: string, environment: string): ServedEnvironment | undefined;
  /** Whether it serves what is there, or what came after, and not as it was kept. */
  hasReached(head: Head): boolean;
  /**
   * Brings an environment to its head; of two at the same time the newer one is served. Rejects when the database does not answer, or what
   * it has cannot be read.
   */
  refresh(head: Head): Promise<void>;
  /**
   * Serves the revision that comes next after what is served, also during a refresh. False: it is not the next one, or cannot be read,
   * and nothing has changed.
   */
  follow(environmentId: string, next: LoadedChanges): boolean;
}

export function createRuleSetCache({ reader, log, onChange }: RuleSetCacheOptions): RuleSetCache {
  let environments = new Map<string, ServedEnvironment>();
  /** Served as they were kept: read whole at the first chance, since what was kept has no past for deltas to start from. */
  const seeded = new Set<string>();

  function hasReached(head: Head): boolean {
    const held = environments.get(head.environmentId);
    const order = held === undefined ? 1 : compareStates(head, held.rules);
    return order < 0 || (order === 0 && !seeded.has(head.environmentId));
  }

  async function refresh(head: Head): Promise<void> {
    if (hasReached(head)) return;
    const all = environments;
    const held = all.get(head.environmentId);
    const isSeeded = seeded.has(head.environmentId);
    const next =
      held?.rules.epoch === head.epoch && !isSeeded ? await readChanges(reader, held.rules, head) : await readWhole(reader, head);
    if (next === null) return;
    let served: ServedEnvironment;
    try {
      served = serve(next, head.environmentId);
    } catch {
      // Without its history: a broken body of the past must not outlive its correction.
      const whole = await readWhole(reader, head, 0);
      if (whole === null) return;
      served = serve(whole, head.environmentId);
    }
    // It is of another instance.
    if (environments !== all) return;
    // Restored between the look and this read: the next look sees it. Or followed meanwhile, so that this is what is served, or behind it.
    const current = environments.get(head.environmentId);
    const step = current === undefined ? 1 : compareStates(served.rules, current.rules);
    if (step < 0 || (step === 0 && current !== held)) return;
    seeded.delete(head.environmentId);
    swap(served);
  }

  /** It is served from here on, whoever fails to hear of it: a caller that took it for not served would think the database behind. */
  function swap(served: ServedEnvironment): void {
    const { environmentId } = served.rules;
    environments.set(environmentId, served);
    try {
      onChange(served);
    } catch (error) {
      log.error({ err: error, environmentId }, 'a revision is served, and not everything was told of it');
    }
  }

  function follow(environmentId: string, { head, objects }: LoadedChanges): boolean {
    const held = environments.get(environmentId);
    if (held === undefined || seeded.has(environmentId)) return false;
    const { rules } = held;
    if (head.epoch !== rules.epoch || head.revision !== rules.revision + 1) return false;
    let served: ServedEnvironment;
    try {
      served = serveEnvironment(advanceRules(rules, head.revision, objects), head, held);
    } catch {
      return false;
    }
    swap(served);
    return true;
  }

  /** Throws an Error. */
  function serve({ makeRules, head }: Read, environmentId: string): ServedEnvironment {
    try {
      return serveEnvironment(makeRules(), head, environments.get(environmentId));
    } catch (cause) {
      throw new Error(`This server cannot read revision ${head.revision}.`, { cause });
    }
  }

  return {
    seed: (kept) => {
      for (const { objects, ...head } of kept) {
        try {
          environments.set(
            head.environmentId,
            serve({ head, makeRules: () => startRules(head, head, objects) }, head.environmentId),
          );
          seeded.add(head.environmentId);
        } catch (error) {
          log.error({ err: error, environmentId: head.environmentId }, 'what was kept of an environment cannot be served');
        }
      }
    },
    forget: () => {
      environments = new Map();
      seeded.clear();
    },
    isEmpty: () => environments.size === 0,
    get: (environmentId) => environments.get(environmentId),
    follow,
    find: (project, environment) => {
      for (const served of environments.values()) {
        if (served.rules.project === project && served.rules.environment === environment) return served;
      }
      return undefined;
    },
    hasReached,
    refresh,
  };
}

interface Read {
  readonly head: LoadedHead;
  /** Throws where stored text cannot be read. */
  readonly makeRules: () => EnvironmentRules;
}

/** Null: it is not there, or went on further than may be served; the next look finds where it is. */
async function readChanges(reader: RuleReader, rules: EnvironmentRules, looked: Head): Promise<Read | null> {
  const changes = await reader.changes(rules.environmentId, rules.revision);
  if (changes === null || changes.head.epoch !== looked.epoch) return null;
  const head = upTo(looked, changes.head);
  return { head, makeRules: () => advanceUpTo(rules, head, changes.objects) };
}

async function readWhole(reader: RuleReader, looked: Head, past = PAST_REVISIONS_AT_START): Promise<Read | null> {
  const loaded = await reader.whole(looked.environmentId, past);
  if (loaded === null || loaded.head.epoch !== looked.epoch || loaded.baseRevision > looked.revision) return null;
  const { identity, baseRevision, objects, later } = loaded;
  const head = upTo(looked, loaded.head);
  const base = { epoch: head.epoch, revision: baseRevision };
  return { head, makeRules: () => advanceUpTo(startRules(identity, base, objects), head, later) };
}

/**
 * Where the look found it, and no further: of what was committed since, nobody has asked yet whether a key was revoked before
 * it. The next look does.
 */
function upTo(looked: LoadedHead, found: LoadedHead): LoadedHead {
  return found.revision <= looked.revision ? found : looked;
}

function advanceUpTo(rules: EnvironmentRules, { revision: newest }: LoadedHead, objects: readonly StoredObject[]) {
  return advanceRules(
    rules,
    newest,
    objects.filter(({ revision }) => revision <= newest),
  );
}

function serveEnvironment(rules: EnvironmentRules, head: LoadedHead, previous?: ServedEnvironment): ServedEnvironment {
  const server = serveView(rules.views.server, previous?.views.server);
  const client = serveView(rules.views.client, previous?.views.client);
  return { rules, committedAtMs: head.committedAtMs, views: { server, client } };
}

/**
 * Reads rule sets out of the database. Each function reads head and bodies in one snapshot: a head with the
 * bodies of another moment would be a state that never was.
 */
import { and, asc, desc, eq, gt, lte } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { environmentHeads, environments, projects, ruleObjects } from '../db/schema.ts';
import type { EnvironmentIdentity, StoredObject } from './environment-rules.ts';

export interface LoadedHead {
  readonly epoch: string;
  readonly revision: number;
  /** Commit of the newest revision, on the database's clock. */
  readonly committedAtMs: number;
}

export interface LoadedRules {
  readonly identity: EnvironmentIdentity;
  readonly head: LoadedHead;
  /** Where `objects` stand: as many revisions behind the head as deltas may start from. */
  readonly baseRevision: number;
  /** Newest object of each body that exists at `baseRevision`. */
  readonly objects: readonly StoredObject[];
  /** Every object after `baseRevision`. */
  readonly later: readonly StoredObject[];
}

export interface LoadedChanges {
  readonly head: LoadedHead;
  /** Every object after the revision asked for. */
  readonly objects: readonly StoredObject[];
}

/** Where a cache reads from. Both reject when it cannot be asked, and answer null for an environment that does not exist. */
export interface RuleReader {
  /** Whole rules with the last `pastRevisions` of their history. */
  whole(environmentId: string, pastRevisions: number): Promise<LoadedRules | null>;
  /** What came after `revision`, and the head it leads to: of whichever epoch that is. */
  changes(environmentId: string, revision: number): Promise<LoadedChanges | null>;
}

export function databaseReader(db: Database): RuleReader {
  return {
    whole: (environmentId, pastRevisions) => loadRules(db, environmentId, pastRevisions),
    changes: (environmentId, revision) => loadChanges(db, environmentId, revision),
  };
}

const HEAD = {
  epoch: environmentHeads.epoch,
  revision: environmentHeads.revision,
  committedAt: environmentHeads.committedAt,
};
const OBJECT = {
  revision: ruleObjects.revision,
  kind: ruleObjects.kind,
  key: ruleObjects.key,
  body: ruleObjects.body,
  tag: ruleObjects.tag,
};

/** Whole rules of an environment with the last `pastRevisions` of its history; null when it does not exist. */
async function loadRules(db: Database, environmentId: string, pastRevisions: number): Promise<LoadedRules | null> {
  return db.transaction(
    async (tx) => {
      const [row] = await tx
        .select({ ...HEAD, project: projects.key, environment: environments.key })
        .from(environmentHeads)
        .innerJoin(environments, eq(environments.id, environmentHeads.environmentId))
        .innerJoin(projects, eq(projects.id, environments.projectId))
        .where(eq(environmentHeads.environmentId, environmentId));
      if (row === undefined) return null;
      const baseRevision = Math.max(0, row.revision - pastRevisions);
      const inEnvironment = eq(ruleObjects.environmentId, environmentId);
      const newest = await tx
        .selectDistinctOn([ruleObjects.kind, ruleObjects.key], OBJECT)
        .from(ruleObjects)
        .where(and(inEnvironment, lte(ruleObjects.revision, baseRevision)))
        .orderBy(asc(ruleObjects.kind), asc(ruleObjects.key), desc(ruleObjects.revision));
      const later = await tx
        .select(OBJECT)
        .from(ruleObjects)
        .where(and(inEnvironment, gt(ruleObjects.revision, baseRevision)));
      return {
        identity: { environmentId, project: row.project, environment: row.environment },
        head: toHead(row),
        baseRevision,
        objects: newest.filter((object) => object.body !== null),
        later,
      };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

/** What came after `revision`. One statement, hence one snapshot, and one round trip between a kill and its sockets. */
async function loadChanges(db: Database, environmentId: string, revision: number): Promise<LoadedChanges | null> {
  const rows = await db
    .select({ head: HEAD, object: OBJECT })
    .from(environmentHeads)
    .leftJoin(ruleObjects, and(eq(ruleObjects.environmentId, environmentHeads.environmentId), gt(ruleObjects.revision, revision)))
    .where(eq(environmentHeads.environmentId, environmentId));
  const [first] = rows;
  if (first === undefined) return null;
  return { head: toHead(first.head), objects: rows.flatMap(({ object }) => (object === null ? [] : [object])) };
}

function toHead(row: { epoch: string; revision: number; committedAt: Date }): LoadedHead {
  return { epoch: row.epoch, revision: row.revision, committedAtMs: row.committedAt.getTime() };
}

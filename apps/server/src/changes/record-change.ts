/**
 * Records a command's changes: the only writer of revisions, rule objects and the change history. Runs inside
 * the command's transaction, after the heads were locked, so that revisions have no gaps and follow commit
 * order, and so that nothing is ever visible without its record. Not responsible for delivery: the
 * notification only wakes the change feed.
 */
import type { ChangeKind } from '@yardarm/contract';
import type { EntityKind } from '@yardarm/evaluator';
import { sql } from 'drizzle-orm';
import { chainLock, chainOf, LAST_CHANGE_SET, linkOf } from '../audit/link-change-set.ts';
import type { Actor } from '../auth/actor.ts';
import { changes, environmentRevisions } from '../db/audit-tables.ts';
import { recordset } from '../db/bulk.ts';
import type { Tx } from '../db/client.ts';
import { inOrder } from '../db/in-order.ts';
import { ruleObjects } from '../db/schema.ts';
import { reviewCauses } from '../governance/open-reviews.ts';
import { tagOf } from '../ruleset/build.ts';
import type { StoredObject } from '../ruleset/environment-rules.ts';
import type { LoadedChanges, LoadedHead } from '../ruleset/load.ts';
import { queuedDeliveries } from '../webhooks/queue-deliveries.ts';
import { CIRCUMSTANCES, type Circumstances, type CircumstancesRow, toCircumstances } from './circumstances.ts';
import type { LockedHeads } from './lock-heads.ts';

/** NOTIFY channel. The payload is a project id, or nothing: a hint, never data. */
export const CHANGE_CHANNEL = 'yardarm_change';

/** One mutation of one entity, as the history shows it: `before` null for a creation. */
export interface EntityChange {
  readonly kind: ChangeKind;
  readonly key: string;
  /** Null for the project's half of an entity. */
  readonly environmentId: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** A body that this change set makes; `body` null removes it. */
export interface BodyWrite {
  readonly environmentId: string;
  readonly kind: EntityKind;
  readonly key: string;
  /** Canonical text of the configuration, without revision and tag. */
  readonly body: string | null;
}

export interface ChangeRecord {
  readonly projectId: string | null;
  /** The command's type, for example `flag.kill`. */
  readonly command: string;
  readonly actor: Actor;
  readonly reason: string | null;
  readonly requestId: string;
  readonly changes: readonly EntityChange[];
  /** Bodies that differ from what the environment serves now; at most one per (environment, kind, key). */
  readonly bodies: readonly BodyWrite[];
}

export interface RecordedChange {
  readonly changeSetId: bigint;
  /** New revision of every environment whose bodies changed, by environment id. */
  readonly revisions: ReadonlyMap<string, number>;
  /** The same as a server that reads them gets them, for the server that commits them. */
  readonly written: readonly WrittenRevision[];
  /**
   * As this transaction sees them, after it has the chain's lock: a key of the project that is revoked by then is in them, and one that
   * is not is revoked after this commit.
   */
  readonly circumstances: Circumstances;
}

/** One revision of one environment: its head and what it changed. */
export interface WrittenRevision extends LoadedChanges {
  readonly environmentId: string;
}

/**
 * Writes one change set: exactly one new revision per environment that `bodies` touches.
 * `heads` proves that the caller holds those environments' head locks; a body of any other environment throws.
 */
export async function recordChange(tx: Tx, heads: LockedHeads, record: ChangeRecord): Promise<RecordedChange> {
  const revisions = nextRevisions(heads, record.bodies);
  const objects = toObjects(record.bodies, revisions);
  // Sent one behind the other and awaited together: a connection keeps their order.
  const [{ changeSetId, heads: advanced }, circumstances] = await inOrder([
    writeRows(tx, record, revisions, objects),
    concludeChangeSet(tx, record),
  ]);
  const written = advanced.map(({ environmentId, ...head }) => ({
    environmentId,
    head,
    objects: objects.filter((object) => object.environmentId === environmentId),
  }));
  return { changeSetId, revisions, written, circumstances };
}

function nextRevisions(heads: LockedHeads, bodies: readonly BodyWrite[]): ReadonlyMap<string, number> {
  const revisions = new Map<string, number>();
  for (const { environmentId } of bodies) {
    if (revisions.has(environmentId)) continue;
    const revision = heads.get(environmentId);
    if (revision === undefined) throw new Error(`The head of environment ${environmentId} is not locked.`);
    revisions.set(environmentId, revision + 1);
  }
  return revisions;
}

/** All rows in one statement: whatever a kill sends besides costs it more than what the database does for it. */
async function writeRows(
  tx: Tx,
  record: ChangeRecord,
  revisions: ReadonlyMap<string, number>,
  objects: readonly OwnedObject[],
): Promise<{ readonly changeSetId: bigint; readonly heads: readonly (LoadedHead & { readonly environmentId: string })[] }> {
  const { projectId, command, actor, reason, requestId } = record;
  const changed = record.changes.map((change, index) => ({
    seq: index + 1,
    ...change,
    revision: change.environmentId === null ? null : (revisions.get(change.environmentId) ?? null),
  }));
  const revised = Array.from(revisions, ([environmentId, revision]) => ({ environmentId, revision }));
  const environmentIds = `{${[...revisions.keys()].join(',')}}`;
  // clock_timestamp, not now(), which is when the transaction began, which may be a lock wait of seconds earlier: receipts and the time
  // machine go by it. The change set has no id before the chain is locked; bodies, of which a copy has thousands, are written before.
  const rows = await tx.execute<WrittenRow>(sql`
    with stored as (
      insert into rule_objects (environment_id, revision, kind, key, body, tag)
      select environment_id, revision, kind, key, body, tag from ${recordset(ruleObjects, objects)} returning 1),
    locked as materialized (select ${chainLock(chainOf(projectId))} from (select count(*) from stored) written),
    made as (
      insert into change_sets (project_id, command, actor_kind, actor, reason, request_id, created_at)
      select ${projectId}, ${command}, ${actor.kind}, ${actor.name}, ${reason}, ${requestId}, clock_timestamp() from locked
      returning id, project_id),
    listed as (
      insert into changes (change_set_id, seq, kind, key, environment_id, revision, before, after)
      select made.id, seq, kind, key, environment_id, revision, before, after from made, ${recordset(changes, changed)}),
    revised as (
      insert into environment_revisions (environment_id, revision, change_set_id)
      select environment_id, revision, made.id from made, ${recordset(environmentRevisions, revised)}),
    opened as (
      insert into reviews (project_id, change_set_id, cause, opened_at)
      select project_id, id, cause, now() from made, json_array_elements_text(${JSON.stringify(reviewCauses(record))}) cause),
    advanced as (
      update environment_heads set revision = revision + 1, committed_at = clock_timestamp()
      where environment_id = any(${environmentIds}::uuid[]) returning environment_id, epoch, revision, committed_at)
    select made.id, advanced.* from made left join advanced on true`);
  const heads = rows.flatMap(({ environment_id: environmentId, epoch, revision, committed_at: committedAt }) =>
    environmentId === null ? [] : [{ environmentId, epoch, revision: Number(revision), committedAtMs: Date.parse(committedAt) }],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The change set was not inserted.');
  for (const [id, revision] of revisions)
    if (!heads.some((head) => head.environmentId === id && head.revision === revision))
      throw new Error(`The head of environment ${id} did not advance to revision ${revision}.`);
  return { changeSetId: BigInt(row.id), heads };
}

/** Behind the rows: links what hashes them, queues what asks who is told of them, and wakes the change feeds. */
async function concludeChangeSet(tx: Tx, { projectId, command, changes }: ChangeRecord): Promise<Circumstances> {
  const environmentIds = changes.flatMap(({ environmentId }) => environmentId ?? []);
  const [circumstances] = await tx.execute<CircumstancesRow>(sql`
    with queued as (${queuedDeliveries({ projectId, changeSetId: LAST_CHANGE_SET, command, environmentIds })})
    select ${linkOf(chainOf(projectId), LAST_CHANGE_SET, 'recorded')}, pg_notify(${CHANGE_CHANNEL}, ${projectId ?? ''}), ${CIRCUMSTANCES}`);
  if (circumstances === undefined) throw new Error('The circumstances of the change were not answered.');
  return toCircumstances(circumstances);
}

/** Without a head where no environment changes: its columns are null. */
interface WrittenRow extends Record<string, unknown> {
  readonly id: string;
  readonly environment_id: string | null;
  readonly epoch: string;
  readonly revision: string;
  readonly committed_at: string;
}

type OwnedObject = StoredObject & { readonly environmentId: string };

function toObjects(bodies: readonly BodyWrite[], revisions: ReadonlyMap<string, number>): OwnedObject[] {
  return bodies.map((write) => ({
    ...write,
    revision: revisions.get(write.environmentId) as number,
    tag: tagOf(write.body),
  }));
}

/**
 * Records a command's changes: the only writer of revisions, rule objects and the change history. Runs inside
 * the command's transaction, after the heads were locked, so that revisions have no gaps and follow commit
 * order, and so that nothing is ever visible without its record. Not responsible for delivery: the
 * notification only wakes the change feed.
 */
import type { ChangeKind } from '@yardarm/contract';
import type { EntityKind } from '@yardarm/evaluator';
import { sql } from 'drizzle-orm';
import { chainOf, LAST_CHANGE_SET, linkChangeSet, lockChain } from '../audit/link-change-set.ts';
import type { Actor } from '../auth/actor.ts';
import { changes, environmentRevisions } from '../db/audit-tables.ts';
import { insertRows } from '../db/bulk.ts';
import type { Tx } from '../db/client.ts';
import { inOrder } from '../db/in-order.ts';
import { ruleObjects } from '../db/schema.ts';
import { openReviews } from '../governance/open-reviews.ts';
import { tagOf } from '../ruleset/build.ts';
import type { StoredObject } from '../ruleset/environment-rules.ts';
import type { LoadedChanges } from '../ruleset/load.ts';
import { queueDeliveries } from '../webhooks/queue-deliveries.ts';
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
  const chain = chainOf(record.projectId);
  const changeRows = record.changes.map((change, index) => ({
    seq: index + 1,
    ...change,
    revision: change.environmentId === null ? null : (revisions.get(change.environmentId) ?? null),
  }));
  const environmentIds = record.changes.flatMap(({ environmentId }) => environmentId ?? []);
  // Sent one behind the other and awaited together: a connection keeps their order, and eleven round trips became one.
  const [advanced, , , changeSetId, , , , , , [circumstances]] = await inOrder([
    advanceHeads(tx, revisions),
    insertRows(tx, ruleObjects, objects),
    lockChain(tx, chain),
    insertChangeSet(tx, record),
    insertRows(tx, changes, changeRows, { changeSetId: LAST_CHANGE_SET }),
    writeRevisions(tx, revisions),
    openReviews(tx, LAST_CHANGE_SET, record),
    // Behind the rows, which it hashes.
    linkChangeSet(tx, chain, LAST_CHANGE_SET),
    queueDeliveries(tx, { projectId: record.projectId, changeSetId: LAST_CHANGE_SET, command: record.command, environmentIds }),
    tx.execute<CircumstancesRow>(sql`select pg_notify(${CHANGE_CHANNEL}, ${record.projectId ?? ''}), ${CIRCUMSTANCES}`),
  ]);
  if (!circumstances) throw new Error('The circumstances of the change were not answered.');
  const written = advanced.map(({ environmentId, head }) => ({
    environmentId,
    head,
    objects: objects.filter((object) => object.environmentId === environmentId),
  }));
  return { changeSetId, revisions, written, circumstances: toCircumstances(circumstances) };
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

async function advanceHeads(tx: Tx, revisions: ReadonlyMap<string, number>) {
  // clock_timestamp, not now(): now() is when the transaction began, which may be a lock wait earlier, and
  // receipts measure from here.
  const advance = async ([environmentId, revision]: [string, number]) => {
    const [head] = await tx.execute<{ epoch: string; committed_at: string }>(sql`
      update environment_heads set revision = ${revision}, committed_at = clock_timestamp()
      where environment_id = ${environmentId} returning epoch, committed_at`);
    if (head === undefined) throw new Error(`Environment ${environmentId} has no head.`);
    return { environmentId, head: { epoch: head.epoch, revision, committedAtMs: Date.parse(head.committed_at) } };
  };
  return inOrder([...revisions].map(advance));
}

async function insertChangeSet(tx: Tx, { projectId, command, actor, reason, requestId }: ChangeRecord): Promise<bigint> {
  // Not now(), which is when the transaction began: the time machine goes by this, and a kill may have waited for seconds.
  const [inserted] = await tx.execute<{ id: string }>(sql`
    insert into change_sets (project_id, command, actor_kind, actor, reason, request_id, created_at)
    values (${projectId}, ${command}, ${actor.kind}, ${actor.name}, ${reason}, ${requestId}, clock_timestamp()) returning id`);
  if (inserted === undefined) throw new Error('The change set was not inserted.');
  return BigInt(inserted.id);
}

async function writeRevisions(tx: Tx, revisions: ReadonlyMap<string, number>): Promise<void> {
  const rows = Array.from(revisions, ([environmentId, revision]) => ({ environmentId, revision }));
  await insertRows(tx, environmentRevisions, rows, { changeSetId: LAST_CHANGE_SET });
}

function toObjects(
  bodies: readonly BodyWrite[],
  revisions: ReadonlyMap<string, number>,
): (StoredObject & { readonly environmentId: string })[] {
  return bodies.map((write) => ({
    ...write,
    revision: revisions.get(write.environmentId) as number,
    tag: tagOf(write.body),
  }));
}

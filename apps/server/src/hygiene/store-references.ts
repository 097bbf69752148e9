/**
 * Takes what a scanner found in one commit. Evidence and no change: it is in no history, and a scan of the same commit can be sent any
 * number of times. One upload at a time per repository, so that its branches have one head each.
 */
import { createHash } from 'node:crypto';
import { type CodePlace, MAX_PLACES, type UploadedReferences, type uploadReferencesInput } from '@yardarm/contract';
import { and, eq, sql } from 'drizzle-orm';
import type { z } from 'zod';
import { startWriting } from '../changes/lock-heads.ts';
import { insertRows } from '../db/bulk.ts';
import type { Database, Tx } from '../db/client.ts';
import { branchHeads, codeReferences, referenceSets, repositories } from '../db/hygiene-tables.ts';
import { flags } from '../db/schema.ts';
import { inSlices } from '../delivery/in-slices.ts';
import type { ProjectRow } from '../projects/project-store.ts';
import { dropOldReferences } from './drop-references.ts';
import { loadSets, missingOf } from './load-builds.ts';

type Upload = z.output<typeof uploadReferencesInput>;
type RepositoryRow = typeof repositories.$inferSelect;

const LOCK_TIMEOUT_MS = 5_000;
/** As text they take a few milliseconds to make. */
const ROWS_AT_ONCE = 500;

export interface Uploading {
  /** Who uploads, as the rows show it. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

export async function storeReferences(
  db: Database,
  project: ProjectRow,
  upload: Upload,
  { by, nowMs }: Uploading,
): Promise<UploadedReferences> {
  const { byKey, hash } = await digest(upload);
  const keys = [...byKey.keys()].sort();
  const { isHead, changed } = await db.transaction(async (tx) => {
    await startWriting(tx, LOCK_TIMEOUT_MS);
    const repository = await lockRepository(tx, project.id, upload);
    const stored = await storeSet(tx, repository, { ...upload, keys, hash, by, nowMs });
    const heads = await moveHead(tx, repository, upload, stored.id, nowMs);
    // Of what is no head only the keys are kept, and they are in the set. What is too late for this branch may be the head of another.
    const hasPlaces = heads.isHead || (await isAnyHead(tx, stored.id));
    if (stored.changed || heads.moved) await writePlaces(tx, stored.id, hasPlaces ? byKey : new Map());
    await dropOldReferences(tx, { projectId: project.id, nowMs });
    return { isHead: heads.isHead, changed: stored.changed || heads.moved };
  });
  const [known, sets] = await Promise.all([findKnown(db, project.id, keys), loadSets(db, project.id, [upload.commit])]);
  return {
    repository: upload.repository,
    commit: upload.commit,
    isHead,
    missing: missingOf(sets, upload.commit),
    references: upload.references.length,
    flags: keys.filter((key) => known.has(key)).length,
    unknown: keys.filter((key) => !known.has(key)),
    archived: keys.filter((key) => known.get(key) === 'archived'),
    changed,
  };
}

/** Places by key, and one hash of all that was found. In slices: there may be 20 000. */
async function digest({ references, left, scanner, rest }: Upload): Promise<{ byKey: Map<string, CodePlace[]>; hash: string }> {
  const byKey = new Map<string, CodePlace[]>();
  const hash = createHash('sha256');
  await inSlices(references, (reference) => {
    hash.update(JSON.stringify(reference));
    const { flagKey, ...place } = reference;
    const places = byKey.get(flagKey);
    if (places === undefined) byKey.set(flagKey, [place]);
    else places.push(place);
  });
  return { byKey, hash: hash.update(JSON.stringify([left, scanner, rest])).digest('hex') };
}

/** Made where it is missing; its row holds still until the end of the transaction. */
async function lockRepository(tx: Tx, projectId: string, upload: Upload): Promise<RepositoryRow> {
  const said = { lineUrl: upload.lineUrl, ...(upload.isDefaultBranch && { defaultBranch: upload.branch }) };
  const [row] = await tx
    .insert(repositories)
    .values({ projectId, name: upload.repository, ...said })
    .onConflictDoUpdate({ target: [repositories.projectId, repositories.name], set: said })
    .returning();
  if (row === undefined) throw new Error(`Repository ${upload.repository} was neither made nor found.`);
  return row;
}

interface NewSet extends Upload, Uploading {
  readonly keys: readonly string[];
  readonly hash: string;
}

async function storeSet(tx: Tx, repository: RepositoryRow, set: NewSet): Promise<{ id: number; changed: boolean }> {
  const isSet = and(eq(referenceSets.repositoryId, repository.id), eq(referenceSets.commit, set.commit));
  const [known] = await tx.select({ id: referenceSets.id, hash: referenceSets.hash }).from(referenceSets).where(isSet);
  const uploadedAt = new Date(set.nowMs);
  // Scanned again with the same outcome it is still known from later: a flag may have been made meanwhile.
  if (known?.hash === set.hash) {
    await tx.update(referenceSets).set({ uploadedAt }).where(isSet);
    return { id: known.id, changed: false };
  }
  const values = {
    committedAt: set.committedAt === undefined ? null : new Date(set.committedAt),
    uploadedAt,
    uploadedBy: set.by,
    scanner: set.scanner,
    keys: [...set.keys],
    references: set.references.length,
    left: set.left,
    rest: set.rest ?? null,
    hash: set.hash,
  };
  const [written] = await tx
    .insert(referenceSets)
    .values({ repositoryId: repository.id, commit: set.commit, ...values })
    .onConflictDoUpdate({ target: [referenceSets.repositoryId, referenceSets.commit], set: values })
    .returning({ id: referenceSets.id });
  if (written === undefined) throw new Error(`The references of ${set.commit} were not written.`);
  return { id: written.id, changed: true };
}

/** An older commit that is uploaded late does not become the head; without times the later upload is the later commit. */
async function moveHead(
  tx: Tx,
  repository: RepositoryRow,
  { branch, committedAt }: Upload,
  setId: number,
  nowMs: number,
): Promise<{ isHead: boolean; moved: boolean }> {
  const isBranch = and(eq(branchHeads.repositoryId, repository.id), eq(branchHeads.branch, branch));
  const [head] = await tx
    .select({ setId: branchHeads.setId, committedAt: referenceSets.committedAt })
    .from(branchHeads)
    .innerJoin(referenceSets, eq(referenceSets.id, branchHeads.setId))
    .where(isBranch);
  const isLate = head?.committedAt != null && committedAt !== undefined && Date.parse(committedAt) < head.committedAt.getTime();
  if (head !== undefined && head.setId !== setId && isLate) return { isHead: false, moved: false };
  const pushedAt = new Date(nowMs);
  await tx
    .insert(branchHeads)
    .values({ repositoryId: repository.id, branch, setId, pushedAt })
    .onConflictDoUpdate({ target: [branchHeads.repositoryId, branchHeads.branch], set: { setId, pushedAt } });
  return { isHead: true, moved: head?.setId !== setId };
}

async function isAnyHead(tx: Tx, setId: number): Promise<boolean> {
  const [head] = await tx.select({ branch: branchHeads.branch }).from(branchHeads).where(eq(branchHeads.setId, setId)).limit(1);
  return head !== undefined;
}

async function writePlaces(tx: Tx, setId: number, byKey: ReadonlyMap<string, readonly CodePlace[]>): Promise<void> {
  await tx.delete(codeReferences).where(eq(codeReferences.setId, setId));
  const all = [...byKey];
  for (let from = 0; from < all.length; from += ROWS_AT_ONCE)
    await insertRows(
      tx,
      codeReferences,
      all
        .slice(from, from + ROWS_AT_ONCE)
        .map(([flagKey, places]) => ({ setId, flagKey, count: places.length, places: places.slice(0, MAX_PLACES) })),
    );
}

async function findKnown(
  db: Database,
  projectId: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, 'there' | 'archived'>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .select({ key: flags.key, archivedAt: flags.archivedAt })
    .from(flags)
    .where(and(eq(flags.projectId, projectId), sql`${flags.key} = any(${sql.param([...keys])}::text[])`));
  return new Map(rows.map(({ key, archivedAt }) => [key, archivedAt === null ? 'there' : 'archived']));
}

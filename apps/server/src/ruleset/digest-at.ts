import { addBody, digestText, emptyDigest } from '@yardarm/sync';
import { and, asc, desc, eq, lte, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { ruleObjects } from '../db/schema.ts';

/** Digest of the server view at a revision, as the database has it now: from tags alone, no body is read. */
export async function digestAt(db: Database | Tx, environmentId: string, revision: number): Promise<string> {
  const { kind, key, tag } = ruleObjects;
  const newest = await db
    .selectDistinctOn([kind, key], { kind, key, tag, isRemoved: sql<boolean>`${ruleObjects.body} is null` })
    .from(ruleObjects)
    .where(and(eq(ruleObjects.environmentId, environmentId), lte(ruleObjects.revision, revision)))
    .orderBy(asc(kind), asc(key), desc(ruleObjects.revision));
  const present = newest.filter((object) => !object.isRemoved);
  return digestText(present.reduce((digest, object) => addBody(digest, object.kind, object.key, object.tag), emptyDigest));
}

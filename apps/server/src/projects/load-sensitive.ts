import { and, eq } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { contextAttributes } from '../db/schema.ts';

/** Names of the attributes that the project declares sensitive. */
export async function loadSensitive(db: Database | Tx, projectId: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ name: contextAttributes.name })
    .from(contextAttributes)
    .where(and(eq(contextAttributes.projectId, projectId), eq(contextAttributes.sensitive, true)));
  return new Set(rows.map(({ name }) => name));
}

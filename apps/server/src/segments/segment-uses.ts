/** Which flags use a segment. */
import type { SegmentWithUses } from '@yardarm/contract';
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { environments, flagEnvironments, flags } from '../db/schema.ts';

/** In order of flag and environment. Archived flags are in no rule set and use nothing. */
export async function findSegmentUses(db: Database | Tx, projectId: string, key: string): Promise<SegmentWithUses['usedBy']> {
  return db
    .select({ flag: flags.key, environment: environments.key })
    .from(flagEnvironments)
    .innerJoin(flags, eq(flags.id, flagEnvironments.flagId))
    .innerJoin(environments, eq(environments.id, flagEnvironments.environmentId))
    .where(
      and(
        eq(flags.projectId, projectId),
        isNull(flags.archivedAt),
        sql`jsonb_path_exists(${flagEnvironments.rules}, '$[*].when.** ? (@.segment == $key)', ${JSON.stringify({ key })}::jsonb)`,
      ),
    )
    .orderBy(asc(flags.key), asc(environments.position));
}

/** The flags that an edit of several names, and those of them that it cannot be made of. */
import type { EditedFlags } from '@yardarm/contract';
import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { flags } from '../db/schema.ts';
import type { FlagRow } from './flag-store.ts';

export type Refusal = EditedFlags['refused'][number];

/** In order of key, each once. The caller holds the project's lock. */
export async function findFlags(
  tx: Tx,
  project: { readonly id: string; readonly key: string },
  keys: readonly string[],
): Promise<{ readonly found: FlagRow[]; readonly unknown: Refusal[] }> {
  const wanted = [...new Set(keys)].sort();
  const rows = await tx
    .select()
    .from(flags)
    .where(and(eq(flags.projectId, project.id), inArray(flags.key, wanted)));
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return {
    found: wanted.flatMap((key) => byKey.get(key) ?? []),
    unknown: wanted
      .filter((key) => !byKey.has(key))
      .map((flag) => ({
        ...{ flag, code: 'not_found' },
        message: `Flag '${flag}' does not exist in project '${project.key}'.`,
      })),
  };
}

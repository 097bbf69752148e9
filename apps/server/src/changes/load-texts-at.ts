/** Where every body of an environment stood at a revision: what comparing, going back and evaluating in the past start from. */
import type { EntityKind } from '@yardarm/evaluator';
import { eq, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { environmentHeads } from '../db/schema.ts';
import { AppError } from '../errors.ts';

export interface TextAt {
  readonly kind: EntityKind;
  readonly key: string;
  /** Canonical text. */
  readonly body: string;
  /** At which it came to be. */
  readonly revision: number;
  readonly tag: string;
}

/** One index lookup per entity, so that a long history costs nothing. Removed bodies are left out. */
export async function loadTextsAt(db: Database | Tx, environmentId: string, revision: number): Promise<TextAt[]> {
  const rows = await db.execute<Omit<TextAt, 'revision'> & { revision: number }>(sql`
    select entity.kind, entity.key, newest.body, newest.revision::float8 as revision, newest.tag
    from (
      select 'flag' as kind, f.key from flags f join environments e on e.project_id = f.project_id where e.id = ${environmentId}
      union all
      select 'segment', s.key from segments s join environments e on e.project_id = s.project_id where e.id = ${environmentId}
    ) entity
    cross join lateral (
      select o.body, o.revision, o.tag from rule_objects o
      where o.environment_id = ${environmentId} and o.kind = entity.kind and o.key = entity.key and o.revision <= ${revision}
      order by o.revision desc limit 1
    ) newest
    where newest.body is not null
    order by entity.kind, entity.key`);
  return [...rows] as TextAt[];
}

/** Where the environment stands. */
export async function readHead(db: Database | Tx, environmentId: string): Promise<{ epoch: string; revision: number }> {
  const [head] = await db
    .select({ epoch: environmentHeads.epoch, revision: environmentHeads.revision })
    .from(environmentHeads)
    .where(eq(environmentHeads.environmentId, environmentId));
  if (head === undefined) throw new Error(`Environment ${environmentId} has no head.`);
  return head;
}

/** Throws `not_found` for a revision that never was. */
export function requireRevision(
  revision: number,
  head: { readonly revision: number },
  environment: { readonly key: string },
): void {
  if (revision <= head.revision) return;
  const newest = `its newest is ${head.revision}`;
  throw new AppError('not_found', `Environment '${environment.key}' never had a revision ${revision}; ${newest}.`);
}

/** Where every body of an environment stood at a revision: what comparing, going back and evaluating in the past start from. */
import type { EntityKind } from '@yardarm/evaluator';
import { type SQL, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
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

/**
 * Two index lookups for each entity that ever was, so that a long history costs nothing; entities that are gone by now are
 * found too. Removed bodies are left out.
 */
export function loadTextsAt(db: Database | Tx, environmentId: string, revision: number): Promise<TextAt[]> {
  return loadNewest(
    db,
    sql`recursive entity as (
      (select o.kind, o.key from rule_objects o where o.environment_id = ${environmentId} order by o.kind, o.key limit 1)
      union all
      select next.kind, next.key from entity cross join lateral (
        select o.kind, o.key from rule_objects o
        where o.environment_id = ${environmentId} and (o.kind, o.key) > (entity.kind, entity.key)
        order by o.kind, o.key limit 1
      ) next
    )`,
    environmentId,
    revision,
  );
}

/** Those of `kind` and `keys` alone. */
export async function loadSomeTextsAt(
  db: Database | Tx,
  { environmentId, revision }: { readonly environmentId: string; readonly revision: number },
  kind: EntityKind,
  keys: readonly string[],
): Promise<TextAt[]> {
  const entity = sql`entity as (select ${kind}::text as kind, value as key from jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb))`;
  return keys.length === 0 ? [] : loadNewest(db, entity, environmentId, revision);
}

async function loadNewest(db: Database | Tx, entity: SQL, environmentId: string, revision: number): Promise<TextAt[]> {
  const rows = await db.execute<Omit<TextAt, 'revision'> & { revision: number }>(sql`
    with ${entity}
    select entity.kind, entity.key, newest.body, newest.revision::float8 as revision, newest.tag
    from entity
    cross join lateral (
      select o.body, o.revision, o.tag from rule_objects o
      where o.environment_id = ${environmentId} and o.kind = entity.kind and o.key = entity.key and o.revision <= ${revision}
      order by o.revision desc limit 1
    ) newest
    where newest.body is not null
    order by entity.kind, entity.key`);
  return [...rows] as TextAt[];
}

/** Throws `not_found` for a revision that never was. */
export function requireRevision(revision: number, newest: number, environment: { readonly key: string }): void {
  if (revision <= newest) return;
  throw new AppError('not_found', `Environment '${environment.key}' never had a revision ${revision}; its newest is ${newest}.`);
}

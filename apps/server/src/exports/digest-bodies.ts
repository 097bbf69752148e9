import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { streamRows } from './stream-rows.ts';

/**
 * SHA-256 over every body that the environments serve, each with its project, environment, kind and key, in the order of
 * these; epoch and revision are not in it. Two instances with the same digest serve the same.
 */
export async function digestBodies(tx: Tx): Promise<{ readonly sha256: string; readonly count: number }> {
  const hash = createHash('sha256');
  let count = 0;
  const query = sql`
    select p.key as project, e.key as environment, entity.kind, entity.key, newest.body
    from (
      select 'flag' as kind, key, project_id from flags union all select 'segment', key, project_id from segments
    ) entity
    join projects p on p.id = entity.project_id
    join environments e on e.project_id = p.id
    cross join lateral (
      select o.body from rule_objects o
      where o.environment_id = e.id and o.kind = entity.kind and o.key = entity.key
      order by o.revision desc limit 1
    ) newest
    where newest.body is not null
    order by p.key collate "C", e.key collate "C", entity.kind collate "C", entity.key collate "C"`;
  for await (const { project, environment, kind, key, body } of streamRows(tx, query)) {
    hash.update(`${canonicalJson([project, environment, kind, key, body])}\n`);
    count++;
  }
  return { sha256: hash.digest('hex'), count };
}

import { type SQL, sql } from 'drizzle-orm';

export interface QueuedChange {
  /** Null: a change of the instance, which webhooks of projects are not told of. */
  readonly projectId: string | null;
  readonly changeSetId: SQL;
  readonly command: string;
  readonly environmentIds: readonly string[];
}

/**
 * Notes, in the transaction of the change, which webhooks are to be told of it: the change is never without its deliveries, and
 * never waits for one. An import is a copy, not news. A statement that may be a part of another one, behind the rows of the change.
 */
export function queuedDeliveries({ projectId, changeSetId, command, environmentIds }: QueuedChange): SQL {
  const ids = JSON.stringify([...new Set(environmentIds)]);
  return sql`
    insert into webhook_deliveries (webhook_id, change_set_id, due_at)
    select w.id, ${changeSetId}, clock_timestamp() from webhooks w
    where w.project_id = ${projectId} and w.enabled and ${command} <> 'instance.import'
      and (w.commands = '[]'::jsonb or w.commands ? ${command})
      and (w.owners = '[]'::jsonb or ${command} <> 'hygiene.digest' or exists (
        select from changes c where c.change_set_id = ${changeSetId} and w.owners ? (c.after ->> 'owner')))
      and (w.environments = '[]'::jsonb or exists (
        select from environments e
        where e.id in (select value::uuid from jsonb_array_elements_text(${ids}::jsonb)) and w.environments ? e.key))`;
}

/** Holds up, or refuses, what any server reads of one environment's rules. Of all others, and of the heads, it lets everything through. */
import { vi } from 'vitest';
import type { TestDatabase } from './database.ts';

const HOLD = 1;
const REFUSE = 2;

export interface HeldReads {
  /** Reads of the environment wait until `release`. */
  hold(environmentId: string): Promise<void>;
  /** Reads of the environment fail until `release`. */
  refuse(environmentId: string): Promise<void>;
  release(): Promise<void>;
  /** Resolves when that many sessions are held up. */
  waiting(count: number): Promise<unknown>;
  /** One more revision of the environment, as another server commits it: its newest body, written again. */
  commit(environmentId: string): Promise<number>;
}

export async function holdReads({ sql }: TestDatabase): Promise<HeldReads> {
  await sql.unsafe(`
    alter table rule_objects rename to kept_rule_objects;
    create function pass(id uuid) returns boolean language plpgsql volatile as $$
    begin
      if not pg_try_advisory_xact_lock_shared(${REFUSE}, hashtext(id::text)) then
        raise exception 'refused by the test';
      end if;
      while not pg_try_advisory_xact_lock_shared(${HOLD}, hashtext(id::text)) loop
        perform pg_sleep(0.02);
      end loop;
      return true;
    end $$;
    create view rule_objects as select * from kept_rule_objects where pass(environment_id)`);
  const session = await sql.reserve();
  const lock = (what: number, id: string) => session`select pg_advisory_lock(${what}, hashtext(${id}))`;
  return {
    hold: async (id) => void (await lock(HOLD, id)),
    refuse: async (id) => void (await lock(REFUSE, id)),
    release: async () => void (await session`select pg_advisory_unlock_all()`),
    waiting: (count) =>
      vi.waitUntil(
        async () => {
          const [row] = await sql<{ held: number }[]>`
            select count(*)::int as held from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
          return (row?.held ?? 0) >= count;
        },
        { timeout: 10_000 },
      ),
    commit: async (id) => {
      const [head] = await sql.begin(async (tx) => {
        await tx`
          insert into kept_rule_objects (environment_id, revision, kind, key, body, tag)
          select environment_id, (select revision + 1 from environment_heads where environment_id = ${id}), kind, key, body, tag
          from kept_rule_objects where environment_id = ${id} order by revision desc limit 1`;
        return tx<{ revision: number }[]>`
          update environment_heads set revision = revision + 1 where environment_id = ${id} returning revision::int`;
      });
      return head?.revision ?? 0;
    },
  };
}

/** What decides, besides its head, whether a revision may follow what a server serves. */
import { sql } from 'drizzle-orm';

export interface Circumstances {
  /** Of the database's content: the same wherever a backup of it is restored. */
  readonly instanceId: string;
  /** Another one after every restart, failover and restore: what is in memory has to be held against the database again. */
  readonly incarnation: string;
  /** Changes when an SDK key is made, changed or revoked, or ends by itself. */
  readonly keysFingerprint: string;
}

export interface CircumstancesRow extends Record<string, unknown> {
  readonly instance_id: string;
  readonly incarnation: string;
  readonly keys: string;
}

/** Columns of a `CircumstancesRow`. */
export const CIRCUMSTANCES = sql`
  (select id from instance) as instance_id,
  concat_ws(' ', pg_postmaster_start_time(), 'environment_heads'::regclass::oid, pg_relation_filenode('environment_heads'),
    (select oid from pg_database where datname = current_database())) as incarnation,
  (select count(*) || ' ' || coalesce(sum(hashtextextended(
       concat_ws(' ', id, revoked_at, expires_at, expires_at <= clock_timestamp(), allowed_origins), 0)), 0)
     from sdk_keys) as keys`;

export function toCircumstances({ instance_id, incarnation, keys }: CircumstancesRow): Circumstances {
  return { instanceId: instance_id, incarnation, keysFingerprint: keys };
}

export function areSame(one: Circumstances, other: Circumstances): boolean {
  return (
    one.instanceId === other.instanceId && one.incarnation === other.incarnation && one.keysFingerprint === other.keysFingerprint
  );
}

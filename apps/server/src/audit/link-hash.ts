/**
 * What the hashes of a chain are of, as a verification computes them. The parts are computed by the database from the rows as it
 * stores them: numbers, times and texts never pass through a second notion of what they are (jsonb keeps 1.0 apart from 1 and
 * holds numbers that JavaScript cannot). The link's own hash is over plain texts, so that whoever holds the links can compute it
 * with any SHA-256. Links are made by the database's function `link_change_set`, which says the same once more: a
 * verification does not believe what is stored beside the rows, and so not that function either.
 */
import { createHash } from 'node:crypto';
import { type SQL, sql } from 'drizzle-orm';

/** Chain of what belongs to no project; every other chain is called by its project's id. */
export const INSTANCE_CHAIN = 'instance';
/** In front of everything that a link's hash covers; another way of hashing takes another number. */
const FORMAT = 'yardarm audit 1';

export interface LinkContent {
  readonly chain: string;
  /** 1, 2, 3, … */
  readonly seq: number;
  /** Hash of the link before; empty for the first. */
  readonly previous: string;
  readonly origin: string;
  readonly changeSetId: bigint;
  readonly setHash: string;
  readonly changesHash: string;
  readonly bodiesHash: string;
}

/** SHA-256 in hex over the members, a line each. */
export function linkHash(content: LinkContent): string {
  const { chain, seq, previous, origin, changeSetId, setHash, changesHash, bodiesHash } = content;
  const lines = [FORMAT, chain, seq, previous, origin, changeSetId, setHash, changesHash, bodiesHash];
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/**
 * Columns `set_hash`, `changes_hash` and `bodies_hash` of the change set `id`; `set_hash` is null where there is no such row.
 * A part without rows has the hash of the empty text.
 */
export function recordHashes(id: SQL): SQL {
  return sql`
    (select ${sha256(SET_TEXT)} from change_sets s where s.id = ${id}) as set_hash,
    ${sha256(sql`coalesce((select string_agg(${sha256(CHANGE_TEXT)}, '' order by c.seq)
      from changes c where c.change_set_id = ${id}), '')`)} as changes_hash,
    ${sha256(sql`coalesce((select string_agg(${sha256(REVISION_TEXT)}, '' order by r.environment_id, r.revision)
      from environment_revisions r where r.change_set_id = ${id}), '')`)} as bodies_hash`;
}

function sha256(text: SQL): SQL {
  return sql`encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`;
}

// Arrays of JSON, because their text tells where each member ends and null from the empty text. jsonb as text, because JSON has one
// null for both nulls. Seconds since 1970 have all six digits of what is stored, in whatever time zone the session is.
const SET_TEXT = sql`json_build_array(s.id, s.project_id, s.command, s.actor_kind, s.actor, s.reason, s.request_id,
  extract(epoch from s.created_at)::text)::text`;
const CHANGE_TEXT = sql`json_build_array(c.seq, c.kind, c.key, c.environment_id, c.revision, c.before::text, c.after::text)::text`;
const OBJECT_TEXT = sql`json_build_array(o.kind, o.key, o.body, o.tag)::text`;
const REVISION_TEXT = sql`json_build_array(r.environment_id, r.revision, (
  select string_agg(${sha256(OBJECT_TEXT)}, '' order by o.kind collate "C", o.key collate "C")
  from rule_objects o where o.environment_id = r.environment_id and o.revision = r.revision))::text`;

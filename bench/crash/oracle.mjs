// @ts-check
/**
 * What must hold in the database whatever was killed, asked in SQL and not through the server's own code. Each check
 * answers the findings, one sentence each; none is the goal. All run in one snapshot, so the load may go on.
 */
import { SDK_ENVIRONMENT } from './sdk-reader.mjs';
import { PROJECT } from './writers.mjs';

/** @typedef {import('postgres').Sql | import('postgres').TransactionSql} Sql */
/** @typedef {import('./writers.mjs').Write} Write */

const SHOWN = 5;

/**
 * @param {Sql} sql
 * @param {readonly Write[]} acknowledged before the snapshot
 * @returns {Promise<string[]>}
 */
export async function findDamage(sql, acknowledged) {
  return [
    ...(await findPartialChanges(sql)),
    ...(await findGaps(sql)),
    ...(await findRowsApartFromBodies(sql)),
    ...(await findLostWrites(sql, acknowledged)),
  ];
}

/** A change set without its changes, a change without its body, a body without its change, a key without its answer. @param {Sql} sql */
async function findPartialChanges(sql) {
  const empty = await sql`
    select s.id::text as id from change_sets s left join changes c on c.change_set_id = s.id
    group by s.id having count(c.seq) = 0 or max(c.seq) <> count(c.seq)`;
  const bodiless = await sql`
    select c.change_set_id || '-' || c.seq as id from changes c
    where c.revision is not null and not exists (select from rule_objects o
      where o.environment_id = c.environment_id and o.revision = c.revision and o.kind = c.kind and o.key = c.key)`;
  const unrecorded = await sql`
    select o.key || ' at ' || o.revision as id from rule_objects o
    where not exists (select from changes c
      where c.environment_id = o.environment_id and c.revision = o.revision and c.kind = o.kind and c.key = o.key)`;
  const unanswered = await sql`select key as id from idempotency_keys where response = 'null'::jsonb`;
  return [
    ...sentences('change set without all of its changes', empty),
    ...sentences('change without its body', bodiless),
    ...sentences('body without its change', unrecorded),
    ...sentences('idempotency key without its answer', unanswered),
  ];
}

/** Revisions 1, 2, 3, … up to the head, each made by one change set, in the order of commit. @param {Sql} sql */
export async function findGaps(sql) {
  const heads = await sql`
    select e.key || ': head ' || h.revision || ', newest ' || coalesce(max(o.revision), 0) || ', '
      || count(distinct o.revision) || ' revisions' as id
    from environment_heads h join environments e on e.id = h.environment_id
    left join rule_objects o on o.environment_id = h.environment_id
    group by e.key, h.environment_id, h.revision
    having h.revision <> coalesce(max(o.revision), 0) or h.revision <> count(distinct o.revision)`;
  const disorder = await sql`
    select environment_id || ' at change set ' || change_set_id as id from (
      select environment_id, change_set_id, revision,
        lag(revision, 1, 0::bigint) over (partition by environment_id order by change_set_id) as before
      from (select distinct environment_id, change_set_id, revision from changes where revision is not null) made) ordered
    where revision <> before + 1`;
  return [...sentences('gap of revisions', heads), ...sentences('revision out of order', disorder)];
}

/** Every flag has a row in every environment, and the row says what the newest body says. @param {Sql} sql */
async function findRowsApartFromBodies(sql) {
  const missing = await sql`
    select f.key || ' in ' || e.key as id from flags f join environments e on e.project_id = f.project_id
    where not exists (select from flag_environments r where r.flag_id = f.id and r.environment_id = e.id)`;
  const apart = await sql`
    select f.key || ' in ' || e.key as id
    from flag_environments r join flags f on f.id = r.flag_id join environments e on e.id = r.environment_id
    left join lateral (select o.body::jsonb as body from rule_objects o
      where o.environment_id = e.id and o.kind = 'flag' and o.key = f.key order by o.revision desc limit 1) newest on true
    where newest.body is null
      or newest.body -> 'on' is distinct from to_jsonb(r."on")
      or newest.body -> 'offVariant' is distinct from coalesce(to_jsonb(r.off_variant), 'null')
      or coalesce(newest.body -> 'rules', '[]') is distinct from r.rules
      or coalesce(newest.body -> 'fallthrough', 'null') is distinct from coalesce(r.fallthrough, 'null')`;
  return [...sentences('flag without its row', missing), ...sentences('row apart from its newest body', apart)];
}

/**
 * Each acknowledged write is in the history once, and the body at its revision says what was written.
 * @param {Sql} sql
 * @param {readonly Write[]} acknowledged
 */
async function findLostWrites(sql, acknowledged) {
  const asked = acknowledged.map(({ id, verb, flag, environment, revision }) => ({ id, verb, flag, environment, revision }));
  const lost = await sql`
    select w.id || ' (' || w.verb || ' of ' || w.flag || ', ' || count(distinct s.id) || ' change sets, ' || count(o.body) || ' bodies)' as id
    from json_to_recordset(${JSON.stringify(asked)}::text::json)
      as w(id text, verb text, flag text, environment text, revision bigint)
    left join change_sets s on s.reason = w.id
    left join changes c on c.change_set_id = s.id and c.key = w.flag and c.environment_id is not null
    left join environments e on e.id = c.environment_id
    left join rule_objects o on o.environment_id = c.environment_id and o.revision = c.revision and o.key = w.flag
      and (w.environment is null or (e.key = w.environment and c.revision = w.revision))
      and case w.verb when 'configure' then o.body::jsonb #>> '{rules,0,id}' = w.id
        else (o.body::jsonb ->> 'on')::boolean = (w.verb = 'unkill') end
    group by w.id, w.verb, w.flag, w.environment
    having count(distinct s.id) <> 1
      or count(o.body) <> case when w.environment is null then (select count(*) from environments n
        join projects p on p.id = n.project_id where p.key = ${PROJECT}) else 1 end`;
  return sentences('acknowledged write lost or doubled', lost);
}

/**
 * What is in the history and was never acknowledged, once every write was.
 * @param {Sql} sql
 * @param {number} acknowledged
 * @returns {Promise<string[]>}
 */
export async function findUnexplained(sql, acknowledged) {
  const [row] = await sql`select count(*)::int as written from change_sets where reason ~ '^w[0-9]+$'`;
  return row?.written === acknowledged
    ? []
    : [`${acknowledged} writes were acknowledged, and ${row?.written} are in the history`];
}

/** The newest revision of the environment that the SDK reads. @param {Sql} sql */
export async function readHead(sql) {
  const [head] = await sql`
    select h.revision::int as revision from environment_heads h join environments e on e.id = h.environment_id
    join projects p on p.id = e.project_id where p.key = ${PROJECT} and e.key = ${SDK_ENVIRONMENT}`;
  return Number(head?.revision);
}

/** @param {string} title @param {readonly Record<string, unknown>[]} rows */
function sentences(title, rows) {
  const shown = rows.slice(0, SHOWN).map(({ id }) => `${title}: ${id}`);
  return rows.length > SHOWN ? [...shown, `${title}: and ${rows.length - SHOWN} more`] : shown;
}

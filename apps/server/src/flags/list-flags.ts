/**
 * The list of flags: filters, an order, and a cursor that names the last flag of a page in that order, so that a flag
 * which is made or removed meanwhile neither repeats nor hides another.
 */
import {
  addDays,
  day,
  environmentKey,
  FLAG_KINDS,
  FLAG_TYPES,
  type HygieneWindows,
  LIFECYCLES,
  type Lifecycle,
  type Standing,
} from '@yardarm/contract';
import {
  and,
  asc,
  desc,
  eq,
  exists,
  getTableColumns,
  gt,
  gte,
  isNotNull,
  isNull,
  lt,
  lte,
  not,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Tx } from '../db/client.ts';
import { flagEnvironments, flags } from '../db/schema.ts';
import { decodeCursor, encodeCursor, MAX_PAGE } from '../http/page.ts';
import { toDay } from './flag-lifecycle.ts';
import type { FlagRow } from './flag-store.ts';

const DEFAULT_PAGE = 100;
/** `key` from a to z, `created` newest first, `expiry` soonest first and those without one last. */
const SORTS = ['key', 'created', 'expiry'] as const;

export const flagsQuery = z
  .object({
    limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
    cursor: z.string().min(1).max(512).optional(),
    sort: z.enum(SORTS).default('key'),
    q: z.string().trim().min(1).max(200).optional().describe('Part of key, description, owner or a tag, in any case.'),
    kind: z.enum(FLAG_KINDS).optional(),
    type: z.enum(FLAG_TYPES).optional(),
    owner: z.string().min(1).max(200).optional(),
    tag: z.string().min(1).max(64).optional(),
    environment: environmentKey.optional().describe('With `state`: where.'),
    state: z.enum(['on', 'off']).optional().describe('On or off in `environment`.'),
    lifecycle: z.enum(LIFECYCLES).optional(),
    expiresBefore: day.optional(),
    archived: z.enum(['true', 'only', 'false']).default('false').describe('`true`: archived ones too; `only`: no others.'),
  })
  .superRefine(({ environment, state }, context) => {
    const [missing, given] = environment === undefined ? ['environment', 'state'] : ['state', 'environment'];
    if ((environment === undefined) === (state === undefined)) return;
    context.addIssue({ code: 'custom', path: [missing], message: `'${given}' goes with '${missing}'.` });
  });
export type FlagsQuery = z.infer<typeof flagsQuery>;

/** The id of `environment` where the query names one. */
export interface FlagsScope {
  readonly projectId: string;
  readonly environmentId: string | undefined;
  readonly nowMs: number;
  readonly windows: Pick<HygieneWindows, 'expiringDays'>;
}

/** One page of flags and the cursor of the next. Throws `validation_failed` for a cursor of another order. */
export async function listFlags(
  db: Database | Tx,
  scope: FlagsScope,
  query: FlagsQuery,
): Promise<{ rows: FlagRow[]; next: string | null }> {
  const { by, order, after } = ORDERS[query.sort];
  const position = query.cursor === undefined ? undefined : decodeCursor(query.cursor, query.sort);
  const found = await db
    .select({ ...getTableColumns(flags), sortedBy: sql<string>`(${by})::text` })
    .from(flags)
    .where(and(eq(flags.projectId, scope.projectId), ...filters(db, scope, query), position && after(position)))
    .orderBy(...order)
    .limit(query.limit + 1);
  const rows = found.slice(0, query.limit);
  const last = rows.at(-1);
  const hasNext = found.length > query.limit && last !== undefined;
  return { rows, next: hasNext ? encodeCursor(query.sort, { value: last.sortedBy, key: last.key }) : null };
}

interface Position {
  /** What the order is by, as text of the database: JavaScript would round a time. */
  readonly value: string;
  readonly key: string;
}
interface Order {
  readonly by: SQL;
  readonly order: SQL[];
  readonly after: (position: Position) => SQL | undefined;
}

const NEVER = sql`'infinity'::date`;
const expiry = sql`coalesce(${flags.expiresOn}, ${NEVER})`;
const ORDERS: { readonly [sort in (typeof SORTS)[number]]: Order } = {
  key: { by: sql`${flags.key}`, order: [asc(flags.key)], after: ({ key }) => gt(flags.key, key) },
  created: {
    by: sql`${flags.createdAt}`,
    order: [desc(flags.createdAt), asc(flags.key)],
    after: ({ value, key }) => {
      const at = sql`${value}::timestamptz`;
      return or(sql`${flags.createdAt} < ${at}`, and(sql`${flags.createdAt} = ${at}`, gt(flags.key, key)));
    },
  },
  expiry: {
    by: expiry,
    order: [asc(expiry), asc(flags.key)],
    after: ({ value, key }) => sql`(${expiry}, ${flags.key}) > (${value}::date, ${key})`,
  },
};

function filters(db: Database | Tx, scope: FlagsScope, query: FlagsQuery): (SQL | undefined)[] {
  const { environmentId } = scope;
  const { q, kind, type, owner, tag, state, lifecycle, expiresBefore } = query;
  return [
    isInLife(lifecycle, query.archived, scope),
    q === undefined ? undefined : contains(q),
    kind === undefined ? undefined : eq(flags.kind, kind),
    type === undefined ? undefined : eq(flags.type, type),
    owner === undefined ? undefined : eq(flags.owner, owner),
    tag === undefined ? undefined : sql`${flags.tags} @> ${JSON.stringify([tag])}::jsonb`,
    expiresBefore === undefined ? undefined : lt(flags.expiresOn, expiresBefore),
    environmentId === undefined ? undefined : isState(db, environmentId, state === 'on'),
  ];
}

/** A lifecycle says whether archived flags are meant; without one, `archived` does. The same order as of `lifecycleOf`. */
function isInLife(lifecycle: Lifecycle | undefined, archived: FlagsQuery['archived'], scope: FlagsScope): SQL | undefined {
  const today = toDay(scope.nowMs);
  const until = addDays(today, scope.windows.expiringDays);
  const isThere = isNull(flags.archivedAt);
  const isPast = sql`coalesce(${flags.expiresOn} < ${today}, false)`;
  switch (lifecycle) {
    case 'archived':
      return isNotNull(flags.archivedAt);
    case 'ready_to_remove':
      return and(isThere, hasStanding('ready_to_remove'));
    case 'expired':
      return and(isThere, isPast, not(hasStanding('ready_to_remove')));
    case 'stale':
      return and(isThere, not(isPast), hasStanding('stale'));
    case 'expiring':
      return and(isThere, gte(flags.expiresOn, today), lte(flags.expiresOn, until), not(hasStanding()));
    case 'active':
      return and(isThere, or(isNull(flags.expiresOn), gt(flags.expiresOn, until)), not(hasStanding()));
    case undefined:
      if (archived === 'true') return undefined;
      return archived === 'only' ? isNotNull(flags.archivedAt) : isThere;
  }
}

/** Without one: any. */
function hasStanding(standing?: Standing): SQL {
  const which = standing === undefined ? sql`standing is not null` : sql`standing = ${standing}`;
  return sql`exists (select from flag_hygiene assessed where assessed.flag_id = ${flags.id} and ${which})`;
}

function isState(db: Database | Tx, environmentId: string, on: boolean): SQL {
  const isRow = and(
    eq(flagEnvironments.flagId, flags.id),
    eq(flagEnvironments.environmentId, environmentId),
    eq(flagEnvironments.on, on),
  );
  return exists(db.select({ one: sql`1` }).from(flagEnvironments).where(isRow));
}

function contains(text: string): SQL {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`${flags.search} like lower(${pattern})`;
}

/**
 * Writes an export: one snapshot of the whole instance into one file, complete on disk when it resolves. Memory holds the
 * project's halves of flags and one batch of rows, whatever the size of the instance.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { EXPORT_FORMAT, type ExportEnd, sealLine } from '@yardarm/contract';
import { getTableName, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import type { FlagEnvironmentRow, FlagRow } from '../flags/flag-store.ts';
import { toFlagBody } from '../flags/flag-store.ts';
import { type SegmentEnvironmentRow, toSegmentBody } from '../segments/segment-store.ts';
import { digestBodies } from './digest-bodies.ts';
import { BODY_TYPES, ENTITY_TYPES, type EntityType, exportedColumns } from './entity-types.ts';
import { streamRows } from './stream-rows.ts';

export interface ExportOptions {
  readonly secrets: boolean;
  readonly history: boolean;
  /** Version of this server. */
  readonly version: string;
}

/** Long enough for the largest instance on a slow disk; the pool's own limit is made for people who wait. */
const STATEMENT_TIMEOUT_MS = 120_000;
const FLUSH_CHARS = 256 * 1024;

/** Makes the file with mode 0600; throws where it exists. Whoever called removes it when this rejects. */
export async function writeExport(db: Database, path: string, options: ExportOptions): Promise<ExportEnd> {
  const file = await open(path, 'wx', 0o600);
  try {
    const end = await db.transaction(
      async (tx) => {
        await tx.execute(sql`select set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`);
        return writeLines(tx, file, options);
      },
      { isolationLevel: 'repeatable read', accessMode: 'read only' },
    );
    await file.sync();
    return end;
  } finally {
    await file.close();
  }
}

async function writeLines(tx: Tx, file: FileHandle, { secrets, history, version }: ExportOptions): Promise<ExportEnd> {
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  let pending = '';
  const write = async (line: string) => {
    hash.update(line);
    pending += line;
    if (pending.length < FLUSH_CHARS) return;
    await file.writeFile(pending);
    pending = '';
  };
  const [clock] = await tx.execute<{ at: string }>(
    sql`select to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`,
  );
  await write(sealLine({ type: 'header', format: EXPORT_FORMAT, server: version, at: clock?.at, secrets, history }));
  for await (const line of entityLines(tx, secrets)) {
    counts[line.type] = (counts[line.type] ?? 0) + 1;
    await write(sealLine(line));
  }
  for await (const line of history ? historyLines(tx) : []) {
    counts[line.type] = (counts[line.type] ?? 0) + 1;
    await write(sealLine(line));
  }
  const { sha256: bodies } = await digestBodies(tx);
  const end: ExportEnd = { type: 'end', counts, bodies, sha256: hash.digest('hex') };
  await file.writeFile(pending + sealLine(end));
  return end;
}

type Line = { readonly type: string; readonly row: Readonly<Record<string, unknown>> };

async function* entityLines(tx: Tx, secrets: boolean): AsyncGenerator<Line, void> {
  const flags = new Map<string, FlagRow>();
  for (const type of ENTITY_TYPES) {
    const columns = exportedColumns(type).filter(([name]) => secrets || !type.secrets.includes(name));
    for await (const raw of streamRows(tx, queryOf(type))) {
      const row = Object.fromEntries(
        columns.map(([name, column]) => [name, raw[column.name] === null ? null : column.mapFromDriverValue(raw[column.name])]),
      );
      if (type.type === 'flag') flags.set(String(row.id), row as FlagRow);
      const flag = flags.get(String(row.flagId));
      const body = BODY_TYPES.has(type.type) ? unlessDerived(raw.served_body, row, flag) : {};
      yield { type: type.type, row: { ...row, ...body } };
    }
  }
}

/** The body that is served, unless it is what an import makes of the row anyway. */
function unlessDerived(served: unknown, row: unknown, flag: FlagRow | undefined): { readonly body?: unknown } {
  const derived = flag === undefined ? toSegmentBody(row as SegmentEnvironmentRow) : toFlagBody(flag, row as FlagEnvironmentRow);
  return served === derived ? {} : { body: served };
}

/** In an order that is the same for the same rows; of halves in environments, with the body that is served. */
function queryOf({ type, table }: EntityType) {
  const name = sql.raw(getTableName(table));
  if (!BODY_TYPES.has(type)) return sql`select * from ${name} t order by t::text`;
  const kind = sql.raw(type === 'flag-environment' ? 'flag' : 'segment');
  return sql`
    select t.*, (
      select o.body from rule_objects o
      where o.environment_id = t.environment_id and o.kind = '${kind}' and o.key = entity.key
      order by o.revision desc limit 1
    ) as served_body
    from ${name} t join ${kind}s entity on entity.id = t.${kind}_id order by t.${kind}_id, t.environment_id`;
}

/** Each change set with its changes and its place in its chain, oldest first; to read, not to import. */
async function* historyLines(tx: Tx): AsyncGenerator<Line, void> {
  const query = sql`
    select to_jsonb(s) as set, to_jsonb(l) as link,
      (select jsonb_agg(to_jsonb(c) order by c.seq) from changes c where c.change_set_id = s.id) as changes
    from change_sets s left join audit_links l on l.change_set_id = s.id order by s.id`;
  for await (const { set, link, changes } of streamRows(tx, query)) yield { type: 'history', row: { set, link, changes } };
}

/**
 * Statements for any number of rows, all with the same members, with one parameter for all of them: JSON. A parameter for each
 * value costs four times as much, while heads are locked, and Postgres takes no more than 65 535 of them.
 */
import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Tx } from './client.ts';

type Member<Table extends PgTable> = keyof Table['$inferInsert'] & string;

/** None for no rows. */
export async function insertRows<Table extends PgTable>(
  tx: Tx,
  table: Table,
  rows: readonly Table['$inferInsert'][],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const names = sql.raw(
    columnsOf(table, Object.keys(first))
      .map(({ name }) => `"${name}"`)
      .join(', '),
  );
  await tx.execute(sql`insert into ${table} (${names}) select ${names} from ${recordset(table, rows)}`);
}

/** Sets the members `set` of the rows that `by` tells apart; a row that is not there is left out. */
export async function updateRows<Table extends PgTable>(
  tx: Tx,
  table: Table,
  rows: readonly Table['$inferInsert'][],
  { by, set }: { readonly by: readonly Member<Table>[]; readonly set: readonly Member<Table>[] },
): Promise<void> {
  if (rows.length === 0) return;
  const isRow = columnsOf(table, by).map((column) => sql`${table}.${toName(column)} = edited.${toName(column)}`);
  const values = columnsOf(table, set).map((column) => sql`${toName(column)} = edited.${toName(column)}`);
  await tx.execute(sql`
    update ${table} set ${sql.join(values, sql`, `)}
    from ${recordset(table, rows)} edited where ${sql.join(isRow, sql` and `)}`);
}

interface Column {
  readonly member: string;
  readonly name: string;
}

function columnsOf(table: PgTable, members: readonly string[]): Column[] {
  const wanted = new Set(members);
  return Object.entries(getTableColumns(table)).flatMap(([member, { name }]) => (wanted.has(member) ? [{ member, name }] : []));
}

function toName({ name }: Column): SQL {
  return sql`${sql.identifier(name)}`;
}

/** Rows as a part of a statement: members of `rows` that are columns of `table`, under the columns' names; others are null. */
export function recordset(table: PgTable, rows: readonly object[]): SQL {
  const columns = Object.entries(getTableColumns(table));
  const records = rows.map((row) =>
    Object.fromEntries(columns.map(([member, { name }]) => [name, row[member as keyof typeof row]])),
  );
  const json = JSON.stringify(records, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return sql`json_populate_recordset(null::${table}, ${json}::json)`;
}

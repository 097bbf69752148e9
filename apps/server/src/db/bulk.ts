/**
 * Statements for any number of rows, all with the same members, with one parameter for all of them: JSON. A parameter for each
 * value costs four times as much, while heads are locked, and Postgres takes no more than 65 535 of them.
 */
import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Tx } from './client.ts';

type Member<Table extends PgTable> = keyof Table['$inferInsert'] & string;

/** None for no rows. `computed`: members that the database makes, the same for all. */
export async function insertRows<Table extends PgTable, Computed extends Member<Table> = never>(
  tx: Tx,
  table: Table,
  rows: readonly Omit<Table['$inferInsert'], Computed>[],
  computed: Readonly<Partial<Record<string, SQL>>> & Readonly<Record<Computed, SQL>> = {} as Record<Computed, SQL>,
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = columnsOf(table, [...Object.keys(first), ...Object.keys(computed)]);
  const read = columns.filter(({ member }) => !(member in computed));
  const made = columns.flatMap(({ member }) => computed[member] ?? []);
  // The names as one text each: of a kill's statements, to put together one of many pieces took as long as to run it.
  const names = sql.raw(
    [...read, ...columns.filter(({ member }) => member in computed)].map(({ name }) => `"${name}"`).join(', '),
  );
  const values = sql.join([sql.raw(read.map(({ name }) => `"${name}"`).join(', ')), ...made], sql`, `);
  await tx.execute(sql`insert into ${table} (${names}) select ${values} from ${recordset(table, rows)}`);
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

function recordset(table: PgTable, rows: readonly object[]): SQL {
  const columns = Object.entries(getTableColumns(table));
  const records = rows.map((row) =>
    Object.fromEntries(columns.map(([member, { name }]) => [name, row[member as keyof typeof row]])),
  );
  const json = JSON.stringify(records, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return sql`json_populate_recordset(null::${table}, ${json}::json)`;
}

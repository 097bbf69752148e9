/**
 * Inserts the rows of an export. Ids are kept, since the record of changes and other rows name them; only where somebody of
 * the same name, team key or token is here already (whoever imports, for one), their row stays and takes the place of the other.
 */
import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Tx } from '../db/client.ts';
import { apiTokens, grants, teams, users } from '../db/identity-tables.ts';
import { type EntityType, exportedColumns } from './entity-types.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Id in the file -> id here, of people, teams and tokens that were here already. */
export type Replaced = Map<string, string>;

const HOLDERS = ['userId', 'teamId', 'apiTokenId'] as const;

/** Rows of one type. `replaced` is read and added to. */
export async function importRows(tx: Tx, type: EntityType, rows: readonly Row[], replaced: Replaced): Promise<void> {
  const values = rows.map((row) => toValues(type, row, replaced));
  switch (type.type) {
    case 'user':
      return importNamed(tx, type, values, replaced, ({ name }) => ({
        id: users.id,
        table: users,
        is: eq(users.name, String(name)),
      }));
    case 'team':
      return importNamed(tx, type, values, replaced, ({ key }) => ({
        id: teams.id,
        table: teams,
        is: eq(teams.key, String(key)),
      }));
    case 'token':
      return importNamed(tx, type, values, replaced, ({ tokenHash }) => ({
        id: apiTokens.id,
        table: apiTokens,
        is: eq(apiTokens.tokenHash, String(tokenHash)),
      }));
    case 'grant':
      return importGrants(tx, values);
    case 'identity':
    case 'member':
      await tx.insert(type.table).values(values).onConflictDoNothing();
      return;
    default:
      await tx.insert(type.table).values(values);
  }
}

/** Instants as the columns want them, and the ids of whoever is here already. */
function toValues(type: EntityType, row: Row, replaced: Replaced): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, column] of exportedColumns(type)) {
    const value = row[name];
    if (value === undefined) continue;
    if (column.dataType === 'date' && value !== null) values[name] = new Date(String(value));
    else if ((HOLDERS as readonly string[]).includes(name)) values[name] = replaced.get(String(value)) ?? value;
    else values[name] = value;
  }
  return values;
}

interface Known {
  readonly id: PgColumn;
  readonly table: typeof users | typeof teams | typeof apiTokens;
  readonly is: SQL;
}

async function importNamed(
  tx: Tx,
  type: EntityType,
  rows: readonly Record<string, unknown>[],
  replaced: Replaced,
  find: (row: Row) => Known,
): Promise<void> {
  for (const row of rows) {
    const known = find(row);
    const [here] = await tx.select({ id: known.id }).from(known.table).where(known.is);
    if (here === undefined) {
      await tx.insert(type.table).values(row);
      continue;
    }
    replaced.set(String(row.id), String(here.id));
    // Somebody who never chose a password here keeps the one of the export; whoever did keeps theirs.
    if (type.type === 'user' && typeof row.passwordHash === 'string')
      await tx
        .update(users)
        .set({ passwordHash: row.passwordHash })
        .where(and(eq(users.id, String(here.id)), isNull(users.passwordHash)));
  }
}

/** Without those that their holder has here already. */
async function importGrants(tx: Tx, rows: readonly Record<string, unknown>[]): Promise<void> {
  for (const row of rows) {
    const same = await tx.execute(sql`
      select 1 from ${grants}
      where user_id is not distinct from ${row.userId ?? null}::uuid and team_id is not distinct from ${row.teamId ?? null}::uuid
        and api_token_id is not distinct from ${row.apiTokenId ?? null}::uuid
        and project_id is not distinct from ${row.projectId ?? null}::uuid
        and environment_id is not distinct from ${row.environmentId ?? null}::uuid
        and role is not distinct from ${row.role ?? null}::text and actions = ${JSON.stringify(row.actions ?? [])}::jsonb`);
    if (same.length === 0) await tx.insert(grants).values(row);
  }
}

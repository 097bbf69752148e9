/** Reads flags with their environments, and makes bodies of them. */
import { and, asc, eq, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { environments, flagEnvironments, flags } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { type FlagEnvironmentHalf, type FlagHalf, toFlagConfiguration, toStoredText } from '../ruleset/build.ts';

export type FlagRow = typeof flags.$inferSelect;
export type FlagEnvironmentRow = typeof flagEnvironments.$inferSelect;
/** A flag's row in one environment, with that environment's key. */
export interface NamedFlagEnvironment {
  readonly environmentKey: string;
  readonly row: FlagEnvironmentRow;
}

/** Throws `not_found`. */
export async function findFlag(db: Database | Tx, project: { id: string; key: string }, key: string): Promise<FlagRow> {
  const [flag] = await db
    .select()
    .from(flags)
    .where(and(eq(flags.projectId, project.id), eq(flags.key, key)));
  if (flag === undefined) throw new AppError('not_found', `Flag '${key}' does not exist in project '${project.key}'.`);
  return flag;
}

/** Throws `archived`: what is in no rule set is edited by nobody until it is back. */
export function refuseArchived(flag: Pick<FlagRow, 'key' | 'archivedAt'>): void {
  if (flag.archivedAt === null) return;
  throw new AppError('archived', `Flag '${flag.key}' is archived; unarchive it to change it.`);
}

/** What the body of a flag is made of, and whether it may be edited. */
export type SwitchedFlag = Pick<
  FlagRow,
  'id' | 'key' | 'type' | 'kind' | 'variants' | 'clientSide' | 'owner' | 'salt' | 'archivedAt'
>;

/** As the driver reads it: dates are texts. */
interface SwitchedRow extends Record<string, unknown> {
  readonly flag_id: string;
  readonly key: string;
  readonly type: FlagRow['type'];
  readonly kind: FlagRow['kind'];
  readonly variants: FlagRow['variants'];
  readonly client_side: boolean;
  readonly owner: string | null;
  readonly salt: string;
  readonly archived_at: string | null;
  readonly environment_id: string;
  readonly on: boolean;
  readonly off_variant: string | null;
  readonly prerequisites: FlagEnvironmentRow['prerequisites'];
  readonly targets: FlagEnvironmentRow['targets'];
  readonly rules: FlagEnvironmentRow['rules'];
  readonly fallthrough: FlagEnvironmentRow['fallthrough'];
  readonly version: number;
  readonly updated_at: string;
}

/** A flag with its row in one environment, all by their keys. Throws `not_found`. */
export async function findFlagIn(
  db: Database | Tx,
  target: { readonly project: string; readonly environment: string; readonly flag: string },
): Promise<{ flag: SwitchedFlag; row: FlagEnvironmentRow }> {
  // Written out, as every statement that a kill waits for: the query builder takes longer to make it than the database to answer it.
  const [found] = await db.execute<SwitchedRow>(sql`
    select f.key, f.type, f.kind, f.variants, f.client_side, f.owner, f.salt, f.archived_at, fe.*
    from projects p
    join environments e on e.project_id = p.id and e.key = ${target.environment}
    join flags f on f.project_id = p.id and f.key = ${target.flag}
    join flag_environments fe on fe.flag_id = f.id and fe.environment_id = e.id
    where p.key = ${target.project}`);
  if (found === undefined)
    throw new AppError('not_found', `Flag '${target.flag}' does not exist in project '${target.project}'.`);
  const { flag_id: id, key, type, kind, variants, owner, salt, archived_at: archivedAt } = found;
  const { environment_id: environmentId, on, prerequisites, targets, rules, fallthrough, version } = found;
  return {
    flag: {
      ...{ id, key, type, kind, variants, owner, salt, clientSide: found.client_side },
      archivedAt: archivedAt === null ? null : new Date(archivedAt),
    },
    row: {
      ...{ flagId: id, environmentId, on, prerequisites, targets, rules, fallthrough, version },
      offVariant: found.off_variant,
      updatedAt: new Date(found.updated_at),
    },
  };
}

/** A flag has a row in every environment of its project. */
export async function findFlagEnvironment(db: Database | Tx, flagId: string, environmentId: string): Promise<FlagEnvironmentRow> {
  const [row] = await db
    .select()
    .from(flagEnvironments)
    .where(and(eq(flagEnvironments.flagId, flagId), eq(flagEnvironments.environmentId, environmentId)));
  if (row === undefined) throw new Error(`Flag ${flagId} has no row in environment ${environmentId}.`);
  return row;
}

/** The environments of each flag, in order of position: flag id -> rows. */
export async function loadFlagEnvironments(
  db: Database | Tx,
  flagIds: readonly string[],
): Promise<ReadonlyMap<string, readonly NamedFlagEnvironment[]>> {
  const byFlag = new Map<string, NamedFlagEnvironment[]>(flagIds.map((id) => [id, []]));
  if (flagIds.length === 0) return byFlag;
  const rows = await db
    .select({ environmentKey: environments.key, row: flagEnvironments })
    .from(flagEnvironments)
    .innerJoin(environments, eq(environments.id, flagEnvironments.environmentId))
    // One parameter: the text of a statement with two hundred took as long to make as the rows to read.
    .where(sql`${flagEnvironments.flagId} = any(${`{${flagIds.join(',')}}`}::uuid[])`)
    .orderBy(asc(environments.position));
  for (const named of rows) byFlag.get(named.row.flagId)?.push(named);
  return byFlag;
}

/** What `rule_objects` stores of a flag in an environment. */
export function toFlagBody(flag: FlagHalf, environment: FlagEnvironmentHalf): string {
  return toStoredText(toFlagConfiguration(flag, environment));
}

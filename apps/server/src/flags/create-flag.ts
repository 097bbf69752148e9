import type { CommandOf, Flag, FlagConfigurationInput } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { BodyWrite, EntityChange } from '../changes/record-change.ts';
import { refuseIntroducedIssues } from '../changes/refuse-issues.ts';
import type { Tx } from '../db/client.ts';
import { flagEnvironments, flags } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findProject, listEnvironments, type ProjectRow } from '../projects/project-store.ts';
import { withoutOwnSalt } from '../ruleset/read-body.ts';
import { defaultConfiguration } from './default-configuration.ts';
import { defaultExpiry, requireLifecycle } from './flag-lifecycle.ts';
import { type FlagEnvironmentRow, type FlagRow, findFlag, loadFlagEnvironments, toFlagBody } from './flag-store.ts';
import { loadFlag } from './load-flags.ts';
import { presentConfiguration } from './present-flag.ts';

type Input = CommandOf<'flag.create'>['input'];
/** A flag to be like, and what it serves in each environment where that is to be taken over: environment id -> row. */
interface Original {
  readonly flag: FlagRow;
  readonly configurations: ReadonlyMap<string, FlagConfigurationInput>;
}

/**
 * A flag that is off in every environment, made of the input alone or like another flag.
 * Throws `already_exists`, `invalid_reference`, `validation_failed`, and `not_found` for the original of a clone.
 */
export async function createFlag(context: CommandContext, { target, input }: CommandOf<'flag.create'>): Promise<Flag> {
  const { tx, nowMs, mintSecret, record } = context;
  const { key } = input;
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  const environments = await listEnvironments(tx, project.id);
  const heads = await lockHeads(
    tx,
    environments.map(({ id }) => id),
  );
  const original = await findOriginal(tx, project, input);
  const half = { key, ...toDetails(input, original?.flag, project, nowMs) };
  requireLifecycle(half.kind, half, nowMs);
  const [flag] = await tx
    .insert(flags)
    // The clone of a flag is another decision, so that it shares nobody's bucket with it.
    .values({ ...half, projectId: project.id, salt: mintSecret('') })
    .onConflictDoNothing()
    .returning();
  if (flag === undefined) throw await takenKeyError(tx, project, key);

  const changes: EntityChange[] = [{ kind: 'flag', key, environmentId: null, before: null, after: half }];
  const bodies: BodyWrite[] = [];
  for (const environment of environments) {
    const configuration = original?.configurations.get(environment.id) ?? startOf(input, flag);
    const [row] = await tx
      .insert(flagEnvironments)
      .values({ flagId: flag.id, environmentId: environment.id, ...configuration, updatedAt: new Date(nowMs) })
      .returning();
    if (row === undefined) throw new Error(`Flag ${key} was not inserted into environment ${environment.key}.`);
    const after = { on: false, ...presentConfiguration(row) };
    changes.push({ kind: 'flag', key, environmentId: environment.id, before: null, after });
    bodies.push({ environmentId: environment.id, kind: 'flag', key, body: toFlagBody(flag, row) });
  }
  await refuseIntroducedIssues(tx, project, environments, bodies);
  await record(heads, { projectId: project.id, changes, bodies });
  return loadFlag(tx, flag, nowMs);
}

/** What the project will say about the flag: the input, then its original, then the defaults. */
function toDetails(input: Input, original: FlagRow | undefined, project: ProjectRow, nowMs: number) {
  const kind = input.kind ?? original?.kind ?? 'release';
  const variants = original?.variants ?? input.variants;
  if (variants === undefined) throw new Error('A flag that is no clone came without variants.');
  return {
    kind,
    type: original?.type ?? input.type ?? 'boolean',
    description: input.description ?? original?.description ?? '',
    variants,
    clientSide: input.clientSide ?? original?.clientSide ?? false,
    owner: input.owner === undefined ? (original?.owner ?? null) : input.owner,
    expiresOn: input.expiresOn === undefined ? defaultExpiry(kind, project.defaultExpiryDays, nowMs) : input.expiresOn,
    tags: input.tags ?? original?.tags ?? [],
    links: input.links ?? original?.links ?? [],
  };
}

/** How the flag starts where no original says more. */
function startOf(input: Input, flag: FlagRow): FlagConfigurationInput {
  const defaults = defaultConfiguration(flag);
  const { offVariant = defaults.offVariant, fallthrough = defaults.fallthrough } = input;
  return { ...defaults, offVariant, fallthrough };
}

/** An archived flag is as good an original as any. */
async function findOriginal(tx: Tx, project: ProjectRow, input: Input): Promise<Original | undefined> {
  if (input.cloneOf === undefined) return undefined;
  const flag = await findFlag(tx, project, input.cloneOf);
  if (input.cloneConfigurations !== true) return { flag, configurations: new Map() };
  const rows = (await loadFlagEnvironments(tx, [flag.id])).get(flag.id) ?? [];
  return { flag, configurations: new Map(rows.map(({ row }) => [row.environmentId, configurationOf(row, flag)])) };
}

/** A split that names the salt of the original means that flag's own; the clone's takes its place. */
function configurationOf(row: FlagEnvironmentRow, { salt }: FlagRow): FlagConfigurationInput {
  return withoutOwnSalt(presentConfiguration(row), salt);
}

async function takenKeyError(tx: Tx, project: ProjectRow, key: string): Promise<AppError> {
  const { archivedAt } = await findFlag(tx, project, key);
  const state = archivedAt === null ? 'exists already' : 'is archived and keeps its key';
  const remedy = archivedAt === null ? '' : ' Unarchive it, or take another key.';
  return new AppError('already_exists', `Flag '${key}' ${state} in project '${project.key}'.${remedy}`);
}

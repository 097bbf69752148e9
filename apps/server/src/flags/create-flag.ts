import type { CommandOf, Flag } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { BodyWrite, EntityChange } from '../changes/record-change.ts';
import { refuseIntroducedIssues } from '../changes/refuse-issues.ts';
import { flagEnvironments, flags } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findProject, listEnvironments } from '../projects/project-store.ts';
import { defaultConfiguration } from './default-configuration.ts';
import { defaultExpiry, requireLifecycle } from './flag-lifecycle.ts';
import { type NamedFlagEnvironment, toFlagBody } from './flag-store.ts';
import { presentConfiguration, presentFlag } from './present-flag.ts';

/** A flag that is off in every environment. Throws `already_exists`, `invalid_reference`, `validation_failed`. */
export async function createFlag(context: CommandContext, command: CommandOf<'flag.create'>): Promise<Flag> {
  const { tx, nowMs, mintSecret, record } = context;
  const { key, kind, type, description, variants, clientSide, owner, tags } = command.input;
  const project = await findProject(tx, command.target.project);
  await lockProject(tx, project.id);
  const environments = await listEnvironments(tx, project.id);
  const heads = await lockHeads(
    tx,
    environments.map(({ id }) => id),
  );
  requireLifecycle(kind, command.input, nowMs);
  const expiresOn = command.input.expiresOn ?? defaultExpiry(kind, nowMs);
  const half = { key, kind, type, description, variants, clientSide, owner, expiresOn, tags };
  const [flag] = await tx
    .insert(flags)
    .values({ ...half, projectId: project.id, salt: mintSecret('') })
    .onConflictDoNothing()
    .returning();
  if (flag === undefined) throw new AppError('already_exists', `Flag '${key}' exists already in project '${project.key}'.`);

  const defaults = defaultConfiguration(flag);
  const { offVariant = defaults.offVariant, fallthrough = defaults.fallthrough } = command.input;
  const configuration = { ...defaults, offVariant, fallthrough };
  const changes: EntityChange[] = [{ kind: 'flag', key, environmentId: null, before: null, after: half }];
  const bodies: BodyWrite[] = [];
  const rows: NamedFlagEnvironment[] = [];
  for (const environment of environments) {
    const [row] = await tx
      .insert(flagEnvironments)
      .values({ flagId: flag.id, environmentId: environment.id, ...configuration, updatedAt: new Date(nowMs) })
      .returning();
    if (row === undefined) throw new Error(`Flag ${key} was not inserted into environment ${environment.key}.`);
    rows.push({ environmentKey: environment.key, row });
    const after = { on: false, ...presentConfiguration(row) };
    changes.push({ kind: 'flag', key, environmentId: environment.id, before: null, after });
    bodies.push({ environmentId: environment.id, kind: 'flag', key, body: toFlagBody(flag, row) });
  }
  await refuseIntroducedIssues(tx, project, environments, bodies);
  await record(heads, { projectId: project.id, changes, bodies });
  return presentFlag(flag, rows);
}

import type { CommandOf, CommittedFlag } from '@yardarm/contract';
import { and, eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { changedBodies, refuseIntroducedIssues } from '../changes/refuse-issues.ts';
import { flagEnvironments } from '../db/schema.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { findFlag, findFlagEnvironment, toFlagBody } from './flag-store.ts';
import { presentConfiguration, presentFlagEnvironment } from './present-flag.ts';

/**
 * Edits targets, rules, fallthrough and the like in one environment; `on` is not among them. An edit that
 * changes nothing is no change. Throws `not_found`, `stale_version`, `invalid_reference`, `validation_failed`.
 */
export async function configureFlag(context: CommandContext, command: CommandOf<'flag.configure'>): Promise<CommittedFlag> {
  const { tx, nowMs, record } = context;
  const { target, baseVersions } = command;
  const { project, environment } = await findEnvironment(tx, target.project, target.environment);
  const heads = await lockHeads(tx, [environment.id]);
  const flag = await findFlag(tx, project, target.flag);
  const row = await findFlagEnvironment(tx, flag.id, environment.id);
  const revision = heads.get(environment.id) as number;
  const current = presentFlagEnvironment(environment.key, row);
  requireVersion(baseVersions.configuration, current, `Flag '${flag.key}' in ${environment.key}`);

  const before = presentConfiguration(row);
  const { reason: _reason, ...edit } = command.input;
  const after = presentConfiguration({ ...before, ...withoutAbsent(edit) });
  if (canonicalJson(before) === canonicalJson(after)) return { flag: current, revision };
  const [written] = await tx
    .update(flagEnvironments)
    .set({ ...after, version: row.version + 1, updatedAt: new Date(nowMs) })
    .where(and(eq(flagEnvironments.flagId, flag.id), eq(flagEnvironments.environmentId, environment.id)))
    .returning();
  if (written === undefined) throw new Error(`Flag ${flag.key} was not written in environment ${environment.key}.`);
  const write = { environmentId: environment.id, kind: 'flag', key: flag.key, body: toFlagBody(flag, written) } as const;
  const bodies = await changedBodies(tx, [write]);
  await refuseIntroducedIssues(tx, project, [environment], bodies);
  const { revisions } = await record(heads, {
    projectId: project.id,
    changes: [{ kind: 'flag', key: flag.key, environmentId: environment.id, before, after }],
    bodies,
  });
  return { flag: presentFlagEnvironment(environment.key, written), revision: revisions.get(environment.id) ?? revision };
}

/** Members left out keep their value; spread would overwrite them with undefined. */
function withoutAbsent<T extends object>(edit: T): Partial<T> {
  return Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined)) as Partial<T>;
}

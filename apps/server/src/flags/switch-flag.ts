/**
 * Kill and unkill: the shortest path from a person to every process. They ask that project, environment and
 * flag exist and nothing else: no version, no validation, no reason. Last writer wins, and killing a killed
 * flag changes nothing.
 */
import type { CommandOf, CommittedFlag } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockEnvironment } from '../changes/lock-heads.ts';
import { inOrder } from '../db/in-order.ts';
import { findFlagIn, refuseArchived, toFlagBody } from './flag-store.ts';
import { presentFlagEnvironment } from './present-flag.ts';

/** Everybody gets the off variant. Throws `not_found`. */
export async function killFlag(context: CommandContext, command: CommandOf<'flag.kill'>): Promise<CommittedFlag> {
  return switchFlag(context, command.target, { on: false });
}

/** The flag serves its rules again. Throws `not_found`, `archived`. */
export async function unkillFlag(context: CommandContext, command: CommandOf<'flag.unkill'>): Promise<CommittedFlag> {
  return switchFlag(context, command.target, { on: true });
}

async function switchFlag(
  { tx, nowMs, record }: CommandContext,
  target: CommandOf<'flag.kill'>['target'],
  { on }: { on: boolean },
): Promise<CommittedFlag> {
  const [{ project, environment, revision, heads }, { flag, row }] = await inOrder([
    lockEnvironment(tx, target.project, target.environment),
    // Sent behind the lock, and looked for after it was given: what it finds nobody else is changing.
    findFlagIn(tx, target),
  ]);
  // An archived flag is off everywhere, so that killing it finds nothing to do.
  if (on) refuseArchived(flag);
  if (row.on === on) return { flag: presentFlagEnvironment(environment.key, row), revision };

  // The version stays: a pending edit of the rules neither conflicts with a kill nor undoes it.
  const written = { ...row, on, updatedAt: new Date(nowMs) };
  // Sent now, and awaited with what records it.
  const updated = tx
    .execute(sql`
      update flag_environments set "on" = ${on}, updated_at = ${written.updatedAt.toISOString()}
      where flag_id = ${flag.id} and environment_id = ${environment.id}`)
    .execute();
  const recording = record(heads, {
    projectId: project.id,
    changes: [{ kind: 'flag', key: flag.key, environmentId: environment.id, before: { on: row.on }, after: { on } }],
    bodies: [{ environmentId: environment.id, kind: 'flag', key: flag.key, body: toFlagBody(flag, written) }],
  });
  const [, { revisions }] = await inOrder([updated, recording]);
  return { flag: presentFlagEnvironment(environment.key, written), revision: revisions.get(environment.id) ?? revision };
}

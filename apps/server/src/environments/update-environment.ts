import type { CommandOf, Environment } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { EntityChange } from '../changes/record-change.ts';
import type { Tx } from '../db/client.ts';
import { environments } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { presentEnvironment } from '../projects/present-project.ts';
import { findEnvironmentHead, findProject, listEnvironments } from '../projects/project-store.ts';

/** One row before and after. */
interface Edit {
  readonly id: string;
  readonly key: string;
  readonly before: Settings;
  readonly after: Settings;
}
type Settings = Pick<Environment, 'name' | 'color' | 'protected' | 'position'>;

/**
 * Edits name, colour, protection and place in the order; nothing of it is served, so that no revision moves. Taking the
 * protection away needs a reason and the right to release there, or it would be the way around both.
 * Throws `not_found`, `stale_version`, `forbidden`, `reason_required`.
 */
export async function updateEnvironment(
  { tx, authorize, record }: CommandContext,
  { target, input, baseVersions }: CommandOf<'environment.update'>,
): Promise<Environment> {
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  const current = await findEnvironmentHead(tx, target.project, target.environment);
  const { environment } = current;
  requireVersion(baseVersions.environment, presentEnvironment(environment, current), `Environment '${environment.key}'`);
  const endsProtection = environment.protected && input.protected === false;
  if (endsProtection) authorize('environment.release', target);
  if (endsProtection && (input.reason ?? '') === '')
    throw new AppError('reason_required', `Environment '${environment.key}' is protected: give a reason for ending that.`, {
      details: [{ path: 'reason', message: 'Taking the protection away needs a reason.' }],
    });

  const ordered = moved(await listEnvironments(tx, project.id), environment.id, input.position);
  const edits = ordered.flatMap((row, position): Edit[] => {
    const before = pickSettings(row);
    // Only a move renumbers; positions of old may have gaps.
    const placed = { ...before, position: input.position === undefined ? row.position : position };
    const after =
      row.id === environment.id
        ? {
            ...placed,
            name: input.name ?? before.name,
            color: input.color ?? before.color,
            protected: input.protected ?? before.protected,
          }
        : placed;
    return isSame(before, after) ? [] : [{ id: row.id, key: row.key, before, after }];
  });
  if (edits.length === 0) return presentEnvironment(environment, current);
  for (const edit of edits) await write(tx, edit, ordered.find(({ id }) => id === edit.id)?.version ?? 0);
  const changes = edits.map(({ id, key, before, after }): EntityChange => {
    return { kind: 'environment', key, environmentId: id, before, after };
  });
  await record(await lockHeads(tx, []), { projectId: project.id, changes, bodies: [] });
  const written = await findEnvironmentHead(tx, target.project, target.environment);
  return presentEnvironment(written.environment, written);
}

async function write(tx: Tx, { id, after }: Edit, version: number): Promise<void> {
  await tx
    .update(environments)
    .set({ ...after, version: version + 1 })
    .where(eq(environments.id, id));
}

/** `rows` with the one of that id at `position`, at the end where there is no such place. */
function moved<Row extends { readonly id: string }>(rows: readonly Row[], id: string, position: number | undefined): Row[] {
  const one = rows.filter((row) => row.id === id);
  if (position === undefined) return [...rows];
  const others = rows.filter((row) => row.id !== id);
  return [...others.slice(0, position), ...one, ...others.slice(position)];
}

function pickSettings({ name, color, protected: isProtected, position }: Settings): Settings {
  return { name, color, protected: isProtected, position };
}

function isSame(a: Settings, b: Settings): boolean {
  return a.name === b.name && a.color === b.color && a.protected === b.protected && a.position === b.position;
}

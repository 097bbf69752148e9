import type { CommandOf, Project } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import { projects } from '../db/schema.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { presentProject } from './present-project.ts';
import { findProject } from './project-store.ts';

/** Edits name and default expiry; flags that exist keep theirs. Throws `not_found`, `stale_version`. */
export async function updateProject({ tx, record }: CommandContext, command: CommandOf<'project.update'>): Promise<Project> {
  const { input, baseVersions } = command;
  const { id } = await findProject(tx, command.target.project);
  await lockProject(tx, id);
  const project = await findProject(tx, command.target.project);
  requireVersion(baseVersions.project, presentProject(project), `Project '${project.key}'`);
  const before = { name: project.name, defaultExpiryDays: project.defaultExpiryDays };
  const after = {
    name: input.name ?? before.name,
    defaultExpiryDays: input.defaultExpiryDays ?? before.defaultExpiryDays,
  };
  if (before.name === after.name && before.defaultExpiryDays === after.defaultExpiryDays) return presentProject(project);
  const written = { ...project, ...after, version: project.version + 1 };
  await tx
    .update(projects)
    .set({ ...after, version: written.version })
    .where(eq(projects.id, id));
  await record(await lockHeads(tx, []), {
    projectId: id,
    changes: [{ kind: 'project', key: project.key, environmentId: null, before, after }],
    bodies: [],
  });
  return presentProject(written);
}

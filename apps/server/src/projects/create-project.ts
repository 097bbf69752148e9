import type { CommandOf, Project } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { projects } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { presentProject } from './present-project.ts';

/** An empty project. Throws `already_exists`. */
export async function createProject({ tx, record }: CommandContext, command: CommandOf<'project.create'>): Promise<Project> {
  const { key, name } = command.input;
  const [project] = await tx.insert(projects).values({ key, name }).onConflictDoNothing().returning();
  if (project === undefined) throw new AppError('already_exists', `Project '${key}' exists already.`);
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'project', key, environmentId: null, before: null, after: { key, name } }],
    bodies: [],
  });
  return presentProject(project);
}

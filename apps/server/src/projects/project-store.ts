/** Reads projects and their environments. */
import { and, asc, eq } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { environmentHeads, environments, projects } from '../db/schema.ts';
import { AppError } from '../errors.ts';

export type ProjectRow = typeof projects.$inferSelect;
export type EnvironmentRow = typeof environments.$inferSelect;

/** Throws `not_found`. */
export async function findProject(db: Database | Tx, key: string): Promise<ProjectRow> {
  const [project] = await db.select().from(projects).where(eq(projects.key, key));
  if (project === undefined) throw new AppError('not_found', `Project '${key}' does not exist.`);
  return project;
}

/** Throws `not_found`. */
export async function findEnvironment(
  db: Database | Tx,
  projectKey: string,
  key: string,
): Promise<{ project: ProjectRow; environment: EnvironmentRow }> {
  const [found] = await db
    .select({ project: projects, environment: environments })
    .from(projects)
    .leftJoin(environments, and(eq(environments.projectId, projects.id), eq(environments.key, key)))
    .where(eq(projects.key, projectKey));
  if (found === undefined) throw new AppError('not_found', `Project '${projectKey}' does not exist.`);
  const { project, environment } = found;
  if (environment === null) throw new AppError('not_found', `Environment '${key}' does not exist in project '${projectKey}'.`);
  return { project, environment };
}

/** With where it stands. Throws `not_found`. */
export async function findEnvironmentHead(db: Database | Tx, projectKey: string, key: string) {
  const { project, environment } = await findEnvironment(db, projectKey, key);
  const [head] = await db
    .select({ epoch: environmentHeads.epoch, revision: environmentHeads.revision })
    .from(environmentHeads)
    .where(eq(environmentHeads.environmentId, environment.id));
  if (head === undefined) throw new Error(`Environment ${environment.id} has no head.`);
  return { project, environment, ...head };
}

/** In their order of position. */
export async function listEnvironments(db: Database | Tx, projectId: string): Promise<EnvironmentRow[]> {
  return db.select().from(environments).where(eq(environments.projectId, projectId)).orderBy(asc(environments.position));
}

/** With where each stands. */
export async function listEnvironmentHeads(db: Database | Tx, projectId: string) {
  return db
    .select({ environment: environments, epoch: environmentHeads.epoch, revision: environmentHeads.revision })
    .from(environments)
    .innerJoin(environmentHeads, eq(environmentHeads.environmentId, environments.id))
    .where(eq(environments.projectId, projectId))
    .orderBy(asc(environments.position));
}

/** Context attributes: what a project says about the contexts that its applications pass. */
import type { CommandOf, ContextAttribute } from '@yardarm/contract';
import { and, asc, eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { Database, Tx } from '../db/client.ts';
import { contextAttributes } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { findProject, listEnvironments } from './project-store.ts';
import { refuseReadable } from './refuse-readable.ts';

type AttributeRow = typeof contextAttributes.$inferSelect;

/** In order of name. */
export async function listAttributes(db: Database | Tx, projectId: string): Promise<ContextAttribute[]> {
  const rows = await db
    .select()
    .from(contextAttributes)
    .where(eq(contextAttributes.projectId, projectId))
    .orderBy(asc(contextAttributes.name));
  return rows.map(presentAttribute);
}

/** Throws `not_found`. */
export async function findAttribute(
  db: Database | Tx,
  project: { readonly id: string; readonly key: string },
  name: string,
): Promise<ContextAttribute> {
  const row = await readAttribute(db, project.id, name);
  if (row === undefined) throw new AppError('not_found', `Attribute '${name}' is not declared in project '${project.key}'.`);
  return presentAttribute(row);
}

/**
 * Declares an attribute, or says something else about one. Saying what is said already is no change.
 * Throws `stale_version`; `precondition_required` for an attribute that is there, without a version; `conflict` where it is to be
 * sensitive and browsers can read what it is compared with.
 */
export async function setAttribute(
  { tx, record }: CommandContext,
  { target, input, baseVersions }: CommandOf<'attribute.set'>,
): Promise<ContextAttribute> {
  const { attribute: name } = target;
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  const row = await readAttribute(tx, project.id, name);
  const current = row && presentAttribute(row);
  if (baseVersions.attribute !== null)
    requireVersion(baseVersions.attribute, current ?? (await findAttribute(tx, project, name)), `Attribute '${name}'`);
  else if (current !== undefined)
    throw new AppError(
      'precondition_required',
      `Attribute '${name}' is declared already: to replace what is said about it, send its ETag in If-Match.`,
    );
  const after = { type: input.type, sensitive: input.sensitive, description: input.description };
  const before = current ? pickSaid(current) : null;
  if (current && canonicalJson(before) === canonicalJson(after)) return current;
  // Whoever configures a flag holds its environment's head, and reads what is sensitive under it.
  const environments = after.sensitive && !before?.sensitive ? await listEnvironments(tx, project.id) : [];
  const heads = await lockHeads(
    tx,
    environments.map(({ id }) => id),
  );
  await refuseReadable(tx, project, environments, name);
  const version = (current?.version ?? 0) + 1;
  await tx
    .insert(contextAttributes)
    .values({ projectId: project.id, name, ...after, version })
    .onConflictDoUpdate({ target: [contextAttributes.projectId, contextAttributes.name], set: { ...after, version } });
  await record(heads, {
    projectId: project.id,
    changes: [{ kind: 'attribute', key: name, environmentId: null, before, after }],
    bodies: [],
  });
  return { name, ...after, version };
}

/** Rules may go on using it: a declaration is a description, not a permission. Throws `not_found`, `stale_version`. */
export async function deleteAttribute(
  { tx, record }: CommandContext,
  { target, baseVersions }: CommandOf<'attribute.delete'>,
): Promise<null> {
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  const current = await findAttribute(tx, project, target.attribute);
  requireVersion(baseVersions.attribute, current, `Attribute '${current.name}'`);
  await tx.delete(contextAttributes).where(isAttribute(project.id, current.name));
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'attribute', key: current.name, environmentId: null, before: pickSaid(current), after: null }],
    bodies: [],
  });
  return null;
}

async function readAttribute(db: Database | Tx, projectId: string, name: string): Promise<AttributeRow | undefined> {
  const [row] = await db.select().from(contextAttributes).where(isAttribute(projectId, name));
  return row;
}

function isAttribute(projectId: string, name: string) {
  return and(eq(contextAttributes.projectId, projectId), eq(contextAttributes.name, name));
}

function presentAttribute({ name, type, sensitive, description, version }: AttributeRow): ContextAttribute {
  return { name, type, sensitive, description, version };
}

function pickSaid({ type, sensitive, description }: ContextAttribute) {
  return { type, sensitive, description };
}

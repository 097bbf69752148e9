/** `/api/v1/projects/{project}/changes`: what was changed, newest first, filtered by flag or environment. */
import { type Change, change, changeId, environmentKey, flagKey, pageOf, projectKey } from '@yardarm/contract';
import { and, desc, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { changeSets, changes } from '../db/audit-tables.ts';
import type { Database } from '../db/client.ts';
import { environments } from '../db/schema.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { findEnvironment, findProject } from '../projects/project-store.ts';

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

const query = z.object({
  flag: flagKey.optional(),
  environment: environmentKey.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  before: changeId.optional(),
});
type HistoryQuery = z.infer<typeof query>;

export function registerHistoryRoutes(app: App, { db }: Management): void {
  app.get(
    '/api/v1/projects/:project/changes',
    {
      config: { policy: 'history.read' },
      schema: {
        params: z.object({ project: projectKey }),
        querystring: query,
        response: { 200: pageOf(change), ...ERROR_RESPONSES },
      },
    },
    (request) => listChanges(db, request.params.project, request.query),
  );
}

/** Throws `not_found` for an unknown project or environment; an unknown flag has no changes. */
async function listChanges(db: Database, projectKey: string, { flag, environment, limit, before }: HistoryQuery) {
  const project = await findProject(db, projectKey);
  const within = environment === undefined ? undefined : (await findEnvironment(db, projectKey, environment)).environment.id;
  const rows = await db
    .select({ set: changeSets, change: changes, environmentKey: environments.key })
    .from(changes)
    .innerJoin(changeSets, eq(changeSets.id, changes.changeSetId))
    .leftJoin(environments, eq(environments.id, changes.environmentId))
    .where(
      and(
        eq(changeSets.projectId, project.id),
        flag === undefined ? undefined : and(eq(changes.kind, 'flag'), eq(changes.key, flag)),
        within === undefined ? undefined : eq(changes.environmentId, within),
        before === undefined ? undefined : isBefore(before),
      ),
    )
    .orderBy(desc(changes.changeSetId), desc(changes.seq))
    .limit(limit + 1);
  const items = rows.slice(0, limit).map(presentChange);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

function isBefore(id: string) {
  const [set, seq] = id.split('-');
  return sql`(${changes.changeSetId}, ${changes.seq}) < (${set}::bigint, ${seq}::int)`;
}

interface ChangeRow {
  readonly set: typeof changeSets.$inferSelect;
  readonly change: typeof changes.$inferSelect;
  readonly environmentKey: string | null;
}

function presentChange({ set, change, environmentKey }: ChangeRow): Change {
  return {
    id: `${set.id}-${change.seq}`,
    command: set.command,
    kind: change.kind,
    key: change.key,
    environment: environmentKey,
    revision: change.revision,
    before: change.before,
    after: change.after,
    actor: { kind: set.actorKind, name: set.actor },
    reason: set.reason,
    at: set.createdAt.toISOString(),
  };
}

/** Notes which build of an app runs in an environment, for apps whose SDKs do not say. Evidence and no change. */
import type { Build, deployInput } from '@yardarm/contract';
import { and, eq, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Database } from '../db/client.ts';
import { deployments } from '../db/hygiene-tables.ts';
import { AppError } from '../errors.ts';
import { commitsOf, loadSets, presentBuilds, type RunningBuild } from './load-builds.ts';
import type { Uploading } from './store-references.ts';

/** Clocks of pipelines differ a little. */
const MAX_AHEAD_MS = 5 * 60_000;

interface Place {
  readonly project: { readonly id: string };
  readonly environment: { readonly id: string; readonly key: string };
}

/**
 * The later of two deployments of an app is what runs; without a commit the app runs there no more. Answers the build as it stands,
 * which is another one where a later deployment is known. Throws `validation_failed` for a time ahead.
 */
export async function storeDeployment(
  db: Database,
  { project, environment }: Place,
  { app, commit, version, at }: z.output<typeof deployInput>,
  { by, nowMs }: Uploading,
): Promise<Build> {
  const deployedAtMs = at === undefined ? nowMs : Date.parse(at);
  if (deployedAtMs > nowMs + MAX_AHEAD_MS) {
    const message = `The deployment of '${app}' is said to be at ${at}, which is ahead; leave 'at' out for now.`;
    throw new AppError('validation_failed', message, { details: [{ path: 'at', message }] });
  }
  const isApp = and(eq(deployments.environmentId, environment.id), eq(deployments.app, app));
  const deployedAt = new Date(deployedAtMs);
  if (commit === null) {
    await db.delete(deployments).where(and(isApp, sql`${deployments.deployedAt} <= ${deployedAt.toISOString()}`));
  } else {
    const values = { commit, version, deployedAt, deployedBy: by };
    await db
      .insert(deployments)
      .values({ environmentId: environment.id, app, ...values })
      .onConflictDoUpdate({
        target: [deployments.environmentId, deployments.app],
        set: values,
        setWhere: sql`${deployments.deployedAt} <= excluded.deployed_at`,
      });
  }
  const [row] = await db.select().from(deployments).where(isApp);
  const build: RunningBuild = {
    ...{ environment: environment.key, keyKind: null, app, instances: null },
    version: row?.version ?? null,
    commit: row?.commit ?? null,
    deployedAtMs: row?.deployedAt.getTime() ?? deployedAtMs,
  };
  const builds = { builds: [build], isComplete: true };
  const { items } = presentBuilds(builds, await loadSets(db, project.id, commitsOf(builds)));
  return items[0] as Build;
}

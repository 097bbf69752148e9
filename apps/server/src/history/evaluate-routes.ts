/**
 * The time machine: what any context was answered at any revision, and why; and the rule set as of a revision. A context is
 * used and forgotten: it is neither stored nor logged.
 */
import { environmentKey, evaluateInput, evaluation, projectKey, revision } from '@yardarm/contract';
import { compile, explain, type RuleSet, resolve } from '@yardarm/evaluator';
import { and, eq, lte, max } from 'drizzle-orm';
import { z } from 'zod';
import { requireRevision } from '../changes/load-texts-at.ts';
import { changeSets, environmentRevisions } from '../db/audit-tables.ts';
import { mapInSlices } from '../delivery/in-slices.ts';
import { AppError } from '../errors.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { serializePresented } from '../http/zod-compilers.ts';
import { type EnvironmentRow, findEnvironmentHead } from '../projects/project-store.ts';
import { loadRuleSetAt, renderRuleSetAt } from './rule-set-at.ts';

const inEnvironment = z.object({ project: projectKey, environment: environmentKey });
/** Sent as the text that it is. */
const renderedRuleSet = z.unknown().describe('A rule set of format 1.');
/** 200 keys of flags, and a context as large as over OFREP. */
const MAX_BODY_BYTES = 128 * 1024;
const ENVIRONMENT = '/api/v1/projects/:project/environments/:environment';

export function registerEvaluateRoutes(app: App, { db, now }: Management): void {
  app.post(
    `${ENVIRONMENT}/evaluate`,
    {
      // It tells no more than the flags themselves do.
      config: { policy: 'flag.read' },
      bodyLimit: MAX_BODY_BYTES,
      schema: { params: inEnvironment, body: evaluateInput, response: { 200: evaluation, ...ERROR_RESPONSES } },
      serializerCompiler: serializePresented,
    },
    async ({ params, body }) => {
      const project = { key: params.project };
      const { environment, epoch, revision: newest } = await findEnvironmentHead(db, params.project, params.environment);
      const atMs = body.at === undefined ? now() : Date.parse(body.at);
      const chosen = body.revision ?? (body.at === undefined ? newest : await revisionAt(environment, atMs));
      requireRevision(chosen, newest, environment);
      const named = body.flags ?? (body.flag === undefined ? null : [body.flag]);
      const ruleSet = await loadRuleSetAt(db, { project, environment, epoch, revision: chosen }, named);
      const rules = compile(ruleSet, { lazy: true });
      const ask = (flag: string) => [rules, flag, body.type ?? typeOf(ruleSet, flag), body.context, atMs] as const;
      return {
        environment: environment.key,
        revision: chosen,
        at: new Date(atMs).toISOString(),
        evaluations:
          named === null
            ? await mapInSlices(Object.keys(ruleSet.flags), (flag) => ({ flag, resolution: { ...resolve(...ask(flag)) } }))
            : await mapInSlices(named, (flag) => {
                const { resolution, steps } = explain(...ask(flag));
                return { flag, resolution: { ...resolution }, steps: steps.map((step) => ({ ...step })) };
              }),
      };
    },
  );

  app.get(
    `${ENVIRONMENT}/rulesets/:revision`,
    {
      config: { policy: 'ruleset.read' },
      schema: {
        params: inEnvironment.extend({ revision: z.coerce.number().pipe(revision) }),
        response: { 200: renderedRuleSet, ...ERROR_RESPONSES },
      },
    },
    async ({ params }, reply) => {
      const { environment, epoch, revision: newest } = await findEnvironmentHead(db, params.project, params.environment);
      requireRevision(params.revision, newest, environment);
      const state = { project: { key: params.project }, environment, epoch, revision: params.revision };
      const text = await renderRuleSetAt(db, state);
      return reply
        .type('application/json; charset=utf-8')
        .serializer((rendered: string) => rendered)
        .send(text);
    },
  );

  /** The newest revision whose change was made by then. Throws `not_found` for a time before the environment. */
  async function revisionAt(environment: EnvironmentRow, atMs: number): Promise<number> {
    const at = new Date(atMs);
    if (at < environment.createdAt)
      throw new AppError(
        'not_found',
        `Environment '${environment.key}' was made at ${environment.createdAt.toISOString()}; ask for a later time.`,
      );
    const [row] = await db
      .select({ revision: max(environmentRevisions.revision) })
      .from(environmentRevisions)
      .innerJoin(changeSets, eq(changeSets.id, environmentRevisions.changeSetId))
      .where(and(eq(environmentRevisions.environmentId, environment.id), lte(changeSets.createdAt, at)));
    return row?.revision ?? 0;
  }
}

/** What the application would ask for; any type will do for a flag that is not there. */
function typeOf({ flags }: RuleSet, flag: string) {
  return (Object.hasOwn(flags, flag) ? flags[flag]?.type : undefined) ?? 'boolean';
}

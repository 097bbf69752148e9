/** What SDKs reported, for people: when flags were last evaluated, how often, and how many instances report at all. */
import {
  coverage,
  environmentKey,
  evaluationTrends,
  flagEvaluations,
  flagKey,
  GRAINS,
  lastEvaluations,
  projectKey,
  TREND_DAYS,
} from '@yardarm/contract';
import { z } from 'zod';
import { findFlag } from '../flags/flag-store.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { serializePresented } from '../http/zod-compilers.ts';
import { findEnvironment, findProject, listEnvironments } from '../projects/project-store.ts';
import { keptSince, loadCounts, loadLastEvaluated, loadNames, loadTrends, NEVER } from './evaluation-store.ts';
import { loadCoverage, summariseCoverage } from './load-coverage.ts';

const PROJECT = '/api/v1/projects/:project';
const inProject = z.object({ project: projectKey });
const inEnvironment = inProject.extend({ environment: environmentKey });

export function registerEvaluationRoutes(app: App, { db, now }: Management): void {
  app.get(
    `${PROJECT}/last-evaluated`,
    {
      config: { policy: 'flag.read' },
      schema: {
        params: inProject,
        querystring: z.object({ flag: flagKey.optional().describe('Only this flag.') }),
        response: { 200: lastEvaluations, ...ERROR_RESPONSES },
      },
    },
    async ({ params, query }) => {
      const project = await findProject(db, params.project);
      if (query.flag !== undefined) await findFlag(db, project, query.flag);
      const environments = await listEnvironments(db, project.id);
      const [summaries, flags] = await Promise.all([
        summariseCoverage(db, environments),
        loadLastEvaluated(db, project.id, query.flag),
      ]);
      return { coverage: summaries, flags };
    },
  );

  app.get(
    `${PROJECT}/environments/:environment/coverage`,
    {
      config: { policy: 'receipts.read' },
      schema: { params: inEnvironment, response: { 200: coverage, ...ERROR_RESPONSES } },
    },
    async ({ params }) => {
      const { environment } = await findEnvironment(db, params.project, params.environment);
      return loadCoverage(db, environment);
    },
  );

  app.get(
    `${PROJECT}/environments/:environment/evaluations`,
    {
      config: { policy: 'flag.read' },
      schema: { params: inEnvironment, response: { 200: evaluationTrends, ...ERROR_RESPONSES } },
      serializerCompiler: serializePresented,
    },
    async ({ params }) => {
      const { environment } = await findEnvironment(db, params.project, params.environment);
      const { since, flags } = await loadTrends(db, environment.id, { days: TREND_DAYS, nowMs: now() });
      return { environment: environment.key, since, days: TREND_DAYS, flags };
    },
  );

  app.get(
    `${PROJECT}/flags/:flag/environments/:environment/evaluations`,
    {
      config: { policy: 'flag.read' },
      schema: {
        params: inEnvironment.extend({ flag: flagKey }),
        querystring: z.object({ grain: z.enum(GRAINS).default('day').describe('What is summed up: hours, days or months.') }),
        response: { 200: flagEvaluations, ...ERROR_RESPONSES },
      },
    },
    async ({ params, query: { grain } }) => {
      const { project, environment } = await findEnvironment(db, params.project, params.environment);
      const flag = await findFlag(db, project, params.flag);
      const place = { flagId: flag.id, environmentId: environment.id };
      const sinceMs = keptSince(grain, now());
      const [counts, names, last, summaries] = await Promise.all([
        loadCounts(db, place, { grain, sinceMs, nowMs: now() }),
        loadNames(db, place),
        loadLastEvaluated(db, project.id, flag.key),
        summariseCoverage(db, [environment]),
      ]);
      const { server = NEVER, client = NEVER } = last.find((one) => one.environment === environment.key) ?? {};
      const [summary] = summaries;
      if (summary === undefined) throw new Error(`Environment ${environment.key} has no coverage.`);
      const since = new Date(sinceMs).toISOString();
      return {
        ...{ flag: flag.key, environment: environment.key, grain, since },
        ...counts,
        ...names,
        last: { server, client },
        coverage: summary,
      };
    },
  );
}

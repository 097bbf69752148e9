/**
 * Composition root: builds the HTTP server from its dependencies without listening. Registration is explicit,
 * feature by feature, so that this file is the list of what the server does.
 */
import Fastify, { type FastifyBaseLogger } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Sql } from 'postgres';
import { requirePolicies } from './auth/route-policy.ts';
import type { Database } from './db/client.ts';

export interface AppDependencies {
  readonly db: Database;
  readonly sql: Sql;
  readonly log: FastifyBaseLogger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Address under which people reach this server, as configured; null: whatever the request names. */
  readonly publicUrl: string | null;
  /** Folder of the built admin UI; null serves none. */
  readonly adminUiDir: string | null;
}

/** A key may take 128 characters; the router's own default of 100 would answer 404. */
const MAX_PARAM_CHARS = 256;

/** A server that is ready to listen or inject into. Closing it stops what it started, except the database. */
export async function buildApp(dependencies: AppDependencies) {
  const app = Fastify({
    loggerInstance: dependencies.log,
    disableRequestLogging: true,
    requestIdHeader: false,
    genReqId: () => crypto.randomUUID(),
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
  }).withTypeProvider<ZodTypeProvider>();
  requirePolicies(app);
  return app;
}

export type App = Awaited<ReturnType<typeof buildApp>>;

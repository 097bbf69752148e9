/**
 * Composition root: builds the HTTP server from its dependencies without listening. Registration is explicit,
 * feature by feature, so that this file is the list of what the server does.
 */
import { randomUUID } from 'node:crypto';
import cookiePlugin from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { registerAuditRoutes } from './audit/audit-routes.ts';
import { checkpointKey } from './audit/checkpoint.ts';
import { authenticateRequests, isStillAllowed } from './auth/authenticate.ts';
import { registerPasswordRoutes } from './auth/password-routes.ts';
import { createPasswords } from './auth/passwords.ts';
import { type RegisteredRoute, requirePolicies } from './auth/route-policy.ts';
import { mintSecret } from './auth/secrets.ts';
import { sessionCookie } from './auth/session-cookie.ts';
import { registerSessionRoutes } from './auth/session-routes.ts';
import { registerHistoryRoutes } from './changes/history-routes.ts';
import type { Database } from './db/client.ts';
import type { Delivery } from './delivery/start-delivery.ts';
import { registerEnvironmentRoutes } from './environments/environment-routes.ts';
import { AppError } from './errors.ts';
import { registerExportRoutes } from './exports/export-routes.ts';
import { registerFlagRoutes } from './flags/flag-routes.ts';
import { registerReviewRoutes } from './governance/review-routes.ts';
import { registerGrantRoutes } from './grants/grant-routes.ts';
import { registerCompareRoutes } from './history/compare-routes.ts';
import { registerEvaluateRoutes } from './history/evaluate-routes.ts';
import { registerRevertRoutes } from './history/revert-routes.ts';
import { serveAdminUi } from './http/admin-ui.ts';
import { answerInTime } from './http/answer-in-time.ts';
import type { App, Management } from './http/app-type.ts';
import { closeIdleConnections } from './http/drain.ts';
import { answerError, handleErrors, toAppError } from './http/error-handler.ts';
import { readJsonBodies } from './http/json-body.ts';
import { describeApi } from './http/openapi.ts';
import { requireDatabase } from './http/require-database.ts';
import { setSecurityHeaders } from './http/security-headers.ts';
import { shedLoad } from './http/shed-load.ts';
import { validateWithZod } from './http/zod-compilers.ts';
import { registerEvidenceRoutes } from './hygiene/evidence-routes.ts';
import { registerHygieneRoutes } from './hygiene/hygiene-routes.ts';
import { registerKeyRoutes } from './keys/key-routes.ts';
import { registerMetrics } from './observability/metrics.ts';
import { type OidcOptions, registerOidcRoutes } from './oidc/oidc-routes.ts';
import { registerAttributeRoutes } from './projects/attribute-routes.ts';
import { registerProjectRoutes } from './projects/project-routes.ts';
import { registerSegmentRoutes } from './segments/segment-routes.ts';
import { registerTeamRoutes } from './teams/team-routes.ts';
import { registerEvaluationRoutes } from './telemetry/evaluation-routes.ts';
import { registerTokenRoutes } from './tokens/token-routes.ts';
import { registerUserRoutes } from './users/user-routes.ts';
import { registerViewRoutes } from './views/view-routes.ts';
import type { Egress } from './webhooks/egress.ts';
import type { SecretBox } from './webhooks/secret-box.ts';
import { registerWebhookRoutes } from './webhooks/webhook-routes.ts';

export interface AppDependencies {
  readonly db: Database;
  /** Whether the database has this build's schema; left out: it has. */
  readonly isDatabaseReady?: () => boolean;
  /** The same database over connections of their own, for kills; left out: those of `db`. */
  readonly killDb?: Database;
  readonly log: FastifyBaseLogger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Address under which people reach this server, as configured; null: whatever the request names. */
  readonly publicUrl: string | null;
  /** Folder of the built admin UI; null serves none. */
  readonly adminUiDir: string | null;
  /** The server's own, of its secret file: what is kept for others is protected with keys made of it. */
  readonly secret: string;
  /** Version of the server, for the API's description. */
  readonly version: string;
  /** The way out for webhooks. */
  readonly egress: Egress;
  /** Keeps the secrets of webhooks. */
  readonly secretBox: SecretBox;
  /** What SDKs are served by; closed with the app. Null leaves `/sync` and `/health` out. */
  readonly delivery: Delivery | null;
  /** Single sign-on; left out or null: none. */
  readonly oidc?: OidcOptions | null;
  /** Addresses of proxies whose word about the client is believed; left out or empty: nobody's. */
  readonly trustedProxies?: readonly string[];
  /** What `/metrics` asks for; left out or null: there is none. */
  readonly metricsToken?: string | null;
  /** Hears of every route; for tests that look at all of them. */
  readonly onRoute?: (route: RegisteredRoute) => void;
}

/** A key may take 128 characters; the router's own default of 100 would answer 404. */
const MAX_PARAM_CHARS = 256;
/** Explicit targets and segment lists are the largest bodies: 100 000 keys. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Nobody waits for 10 s. A route that has reason to take longer says so itself. */
const HANDLER_TIMEOUT_MS = 8_500;

/** A server that is ready to listen or inject into. Closing it closes the delivery too, but not the database. */
export async function buildApp(dependencies: AppDependencies): Promise<App> {
  const { db, log, now, publicUrl, delivery, egress, secretBox, trustedProxies = [] } = dependencies;
  const https = publicUrl?.startsWith('https:') ?? false;
  const cookie = sessionCookie(https);
  const management: Management = { db, now, mintSecret, ...(delivery && { onCommitted: delivery.follow }) };
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    handlerTimeout: HANDLER_TIMEOUT_MS,
    // What still arrives while the server closes is served: the database is closed last.
    return503OnClosing: false,
    // Refused before there is a route: an address that is no text.
    frameworkErrors: (error, request, reply) => answerError(toAppError(error), request, reply),
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validateWithZod);
  app.setSerializerCompiler(serializerCompiler);

  requirePolicies(app, dependencies.onRoute);
  handleErrors(app);
  answerInTime(app);
  closeIdleConnections(app);
  readJsonBodies(app);
  await setSecurityHeaders(app, { https });
  await app.register(cookiePlugin);
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { ttl }) =>
      new AppError('rate_limited', 'Too many attempts from this address; wait a minute.', {
        retryAfterSeconds: Math.ceil(ttl / 1_000),
      }),
  });
  registerMetrics(app, {
    token: dependencies.metricsToken ?? null,
    sockets: () => delivery?.sockets() ?? 0,
    others: delivery?.metrics ?? [],
  });
  requireDatabase(app, dependencies.isDatabaseReady ?? (() => true));
  shedLoad(app);
  const killDb = dependencies.killDb ?? db;
  const authentication = { db, killDb, now, publicUrl, cookie };
  authenticateRequests(app, authentication);
  await describeApi(app, { version: dependencies.version, cookieName: cookie.name });
  await delivery?.registerSyncRoutes(app);

  const signIn = { ...management, cookie, passwords: createPasswords() };
  registerSessionRoutes(app, signIn);
  registerPasswordRoutes(app, signIn);
  registerOidcRoutes(app, dependencies.oidc ?? null, signIn);
  registerUserRoutes(app, management);
  registerGrantRoutes(app, management);
  registerTokenRoutes(app, management);
  registerProjectRoutes(app, management);
  registerAttributeRoutes(app, management);
  registerEnvironmentRoutes(app, management);
  registerFlagRoutes(app, management, { ...management, db: killDb });
  registerSegmentRoutes(app, management);
  registerTeamRoutes(app, management);
  registerViewRoutes(app, management);
  registerKeyRoutes(app, management);
  registerWebhookRoutes(app, management, { egress, secretBox, now, publicUrl });
  registerExportRoutes(app, { ...management, secretBox, version: dependencies.version });
  registerHistoryRoutes(app, management);
  registerReviewRoutes(app, management);
  registerAuditRoutes(app, { ...management, auditKey: checkpointKey(dependencies.secret) });
  registerCompareRoutes(app, management);
  registerRevertRoutes(app, management);
  registerEvaluateRoutes(app, management);
  registerEvaluationRoutes(app, management);
  registerEvidenceRoutes(app, management);
  registerHygieneRoutes(app, management);
  delivery?.registerManagementRoutes(app, { isStillAllowed: (request) => isStillAllowed(request, authentication) });
  await serveAdminUi(app, dependencies.adminUiDir);
  await app.ready();
  return app;
}

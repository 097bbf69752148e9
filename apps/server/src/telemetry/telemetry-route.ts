/** `POST /sync/v1/telemetry`: counts of evaluations. Answered when they are in the database, so that nothing that was confirmed is lost. */
import { TELEMETRY_PATH } from '@yardarm/sync';
import type { FastifyInstance } from 'fastify';
import { findKey, type ViewSource } from '../delivery/find-view.ts';
import { AppError } from '../errors.ts';
import { SHARED_HEADERS } from '../ruleset/prepared-answer.ts';
import { readReport } from './read-report.ts';
import type { ReportQueue } from './report-queue.ts';
import type { TelemetryBudget } from './telemetry-budget.ts';
import { gateTelemetry, MAX_BODY_BYTES } from './telemetry-gate.ts';

export interface TelemetryRouteOptions {
  readonly source: ViewSource;
  readonly budget: TelemetryBudget;
  readonly queue: ReportQueue;
  readonly onRefused: () => void;
}

/** Register it after whatever else takes requests before their routes. */
export async function registerTelemetryRoute(app: FastifyInstance, options: TelemetryRouteOptions): Promise<void> {
  const { source, budget, queue, onRefused } = options;
  const endHeld = gateTelemetry(app.server, { keys: source.keys, budget, onRefused });
  // Some wait for half a minute, and the server would wait for them.
  app.addHook('preClose', (done) => {
    endHeld();
    done();
  });
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      reply.headers(SHARED_HEADERS);
      // Any other spelling of the address has not passed the gate, which does not parse it.
      if (request.raw.url !== TELEMETRY_PATH)
        throw new AppError('not_found', `Telemetry is taken at ${TELEMETRY_PATH}, and nowhere else.`);
    });
    scope.post(TELEMETRY_PATH, { config: { policy: 'sdk-key' }, bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
      const key = await findKey(request, source);
      const report = readReport(request.body);
      try {
        await queue.take(key, report);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'unavailable') throw error;
        onRefused();
        // Not thrown: each is logged as a failure, and while the database is away every SDK hears one.
        const { code, message, status, retryAfterSeconds = 1 } = error;
        const body = { error: { code, message, details: [], requestId: request.id } };
        return reply.code(status).headers({ 'retry-after': retryAfterSeconds, 'cache-control': 'no-store' }).send(body);
      }
      return reply.code(204).send();
    });
  });
}

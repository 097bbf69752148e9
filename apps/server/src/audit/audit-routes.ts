/** `/api/v1/audit`: checkpoints to keep elsewhere, and the verification of every chain. */
import { PassThrough } from 'node:stream';
import { type AuditProof, auditProof, type Checkpoint, checkpoint, pageOf, verifyAuditInput } from '@yardarm/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../auth/authenticate.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { MAX_PAGE } from '../http/page.ts';
import { readCheckpoints, writeCheckpoints } from './checkpoint-store.ts';
import { recordAccess } from './record-access.ts';
import { NO_LAG } from './start-checkpoints.ts';
import { verifyAudit } from './verify-audit.ts';

const NDJSON = 'application/x-ndjson';
/** The lines keep the caller informed; how long it takes depends on the history alone. */
const VERIFY_TIMEOUT_MS = 24 * 60 * 60 * 1_000;
const CURSOR = /^([^:]{1,64}):(\d{1,15})$/;
const checkpointsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(MAX_PAGE),
  cursor: z.string().regex(CURSOR, 'A cursor is the `next` of the page before.').optional(),
});

export interface AuditDependencies extends Management {
  /** Of `checkpointKey`. */
  readonly auditKey: Buffer;
}

export function registerAuditRoutes(app: App, { db, now, auditKey: key }: AuditDependencies): void {
  app.get(
    '/api/v1/audit/checkpoints',
    {
      config: { policy: 'audit.read' },
      schema: { querystring: checkpointsQuery, response: { 200: pageOf(checkpoint), ...ERROR_RESPONSES } },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const [, chain = '', seq = '0'] = CURSOR.exec(cursor ?? '') ?? [];
      if (cursor === undefined) {
        // First the record of this reading, then a checkpoint of everything so far, so that what is taken away covers both.
        const { actor } = callerOf(request);
        const access = { projectId: null, command: 'audit.checkpoints', actor, requestId: request.id, details: {} };
        await recordAccess(db, access);
        await writeCheckpoints({ db, key, now }, NO_LAG);
      }
      const found = await readCheckpoints(db, { limit: limit + 1, after: { chain, seq: Number(seq) } });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, next: found.length > limit && last !== undefined ? `${last.chain}:${last.seq}` : null };
    },
  );

  const shared = { exposeHeadRoute: false, handlerTimeout: VERIFY_TIMEOUT_MS, config: { policy: 'audit.read' } } as const;
  const response = { 200: { content: { [NDJSON]: { schema: auditProof } } }, ...ERROR_RESPONSES };
  app.get('/api/v1/audit/verify', { ...shared, schema: { response } }, (request, reply) => {
    answer(request, reply, []);
  });
  // POST only because checkpoints do not fit into an address; it changes nothing either.
  app.post('/api/v1/audit/verify', { ...shared, schema: { body: verifyAuditInput, response } }, (request, reply) => {
    answer(request, reply, request.body.checkpoints);
  });

  /** One JSON text per line, as the verification gets on: a long history takes longer than a proxy waits for a whole answer. */
  function answer(request: FastifyRequest, reply: FastifyReply, shipped: readonly Checkpoint[]): void {
    const lines = new PassThrough();
    const tell = (proof: AuditProof) => {
      if (lines.destroyed) throw new Error('The caller went away.');
      lines.write(`${JSON.stringify(proof)}\n`);
    };
    verifyAudit(db, { key, shipped }, tell).then(
      () => lines.end(),
      (error: unknown) => {
        if (!lines.destroyed) request.log.error({ err: error }, 'the verification of the audit chains broke off');
        lines.destroy(error instanceof Error ? error : new Error(String(error)));
      },
    );
    void reply.header('content-type', NDJSON).header('cache-control', 'no-store').send(lines);
  }
}

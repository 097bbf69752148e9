/** `POST /sync/v1/applied`: what readers without a stream run. Their counterpart of the stream's `applied` and `rejected`. */
import { APPLIED_PATH, MAX_REJECTED, MAX_TEXT, type PolledReceipt, toStorable } from '@yardarm/sync';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { toDetails } from '../http/zod-details.ts';
import { findKey, type ViewSource } from './find-view.ts';
import type { SdkKey } from './sdk-keys.ts';

const MAX_BODY_BYTES = 16 * 1024;

/** What is longer is refused, and what is not known is ignored, since an SDK may be newer than this server. */
const text = z.string().max(MAX_TEXT).transform(toStorable);
const name = z.string().min(1).max(MAX_TEXT).transform(toStorable);
const revision = z.int().min(0);
const receipt = z.object({
  instance: name,
  sdk: text,
  app: z.object({ name: text.optional(), version: text.optional(), commit: text.optional() }),
  applied: z.object({ epoch: name, revision, digest: text }),
  rejected: z
    .array(z.object({ kind: z.enum(['flag', 'segment']), key: text, code: text, path: text, keptRevision: revision.nullable() }))
    .max(MAX_REJECTED)
    .optional(),
});

export interface AppliedRouteOptions {
  readonly source: ViewSource;
  readonly onApplied: (key: SdkKey, receipt: PolledReceipt) => void;
}

export function registerAppliedRoute(app: FastifyInstance, { source, onApplied }: AppliedRouteOptions): void {
  app.post(APPLIED_PATH, { config: { policy: 'sdk-key' }, bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const key = request.sdkKey ?? (await findKey(request, source));
    const parsed = receipt.safeParse(request.body);
    if (!parsed.success)
      throw new AppError('validation_failed', 'The receipt is malformed; see details.', {
        details: toDetails(parsed.error.issues),
      });
    onApplied(key, parsed.data as PolledReceipt);
    return reply.code(204).send();
  });
}

/** The one error shape of the API and its stable codes. Clients branch on `code`, never on text. */
import { z } from 'zod';

export const ERROR_STATUS = {
  validation_failed: 400,
  reason_required: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  already_exists: 409,
  conflict: 409,
  archived: 409,
  in_use: 409,
  last_administrator: 409,
  stale_version: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  invalid_reference: 422,
  not_revertible: 422,
  idempotency_conflict: 422,
  precondition_required: 428,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
  outcome_unknown: 503,
} as const;
export type AppErrorCode = keyof typeof ERROR_STATUS;

export const errorBody = z
  .object({
    error: z.object({
      code: z.enum(Object.keys(ERROR_STATUS) as [AppErrorCode, ...AppErrorCode[]]),
      /** One sentence: the thing, the place, the remedy. */
      message: z.string(),
      /**
       * Every problem found, each with the JSON path of its place in the body (`rules[0].when`), or with
       * `params.`, `query.` or `headers.` in front. `current` is the entity as it stands, where a version was stale; with
       * `before` and `after`, what a change found and left at the place, where a revert meets a later one.
       */
      details: z.array(
        z.object({
          path: z.string(),
          message: z.string(),
          code: z.string().optional(),
          before: z.unknown().optional(),
          after: z.unknown().optional(),
          current: z.unknown().optional(),
        }),
      ),
      requestId: z.string(),
    }),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof errorBody>;

/** What an SDK may report: every member bounded, so that no report is worth more than its bytes. */
import { MAX_COUNTS, MAX_SKIPPED, MAX_TEXT, type TelemetryReport, toStorable } from '@yardarm/sync';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { toDetails } from '../http/zod-details.ts';

/** An index of Postgres takes 2 700 bytes, and a character up to four of them; no name of an app is as long. */
const MAX_NAME = 100;
/** Per count: sixteen million evaluations a second for a minute. One that waited through an outage may be more. */
const MAX_N = 1_000_000_000;

/** What is not known is ignored, since an SDK may be newer than this server. */
const text = (max: number) => z.string().max(max).transform(toStorable);
/** What only describes is cut, and never a reason to refuse a report. */
const name = z.string().transform((given) => toStorable(given.slice(0, MAX_NAME)));
const epochMs = z.int().min(0);
const report = z.object({
  instance: text(MAX_TEXT).refine((instance) => instance !== '', 'An instance has a name.'),
  sdk: name.default(''),
  app: z.object({ name: name.optional(), version: name.optional(), commit: name.optional() }).default({}),
  seq: z.int().min(1),
  from: epochMs,
  to: epochMs,
  sentAt: epochMs.optional(),
  counts: z
    .array(
      z.object({
        flag: text(MAX_TEXT),
        variant: text(MAX_TEXT).nullable(),
        reason: text(MAX_TEXT),
        defaultServed: z.boolean(),
        defaultHash: name,
        // Cut: refusing it would lose the other counts of the report, and with them when their flags were evaluated.
        n: z
          .int()
          .min(1)
          .transform((n) => Math.min(n, MAX_N)),
      }),
    )
    .max(MAX_COUNTS),
  lost: z.int().min(0),
  skipped: z
    .array(z.object({ flag: text(MAX_TEXT), rule: text(MAX_TEXT), attribute: text(MAX_TEXT) }))
    .max(MAX_SKIPPED)
    .default([]),
});

/** As sent; `sentAt` left out by an SDK that does not know it. */
export type ReadReport = Omit<TelemetryReport, 'sentAt'> & { readonly sentAt?: number | undefined };

/** Throws `validation_failed` with every place. */
export function readReport(body: unknown): ReadReport {
  const parsed = report.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new AppError('validation_failed', 'The telemetry is malformed; see details.', {
    details: toDetails(parsed.error.issues),
  });
}

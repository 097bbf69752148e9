/**
 * How far the newest revision of an environment has got. Of connected instances alone: who is not connected has not been asked.
 * Instances with server keys and with client keys count apart, since a browser's word is forgeable.
 */
import { z } from 'zod';
import { environmentKey } from './names.ts';

const keyKind = z.enum(['server', 'client']);
/** What an instance calls its app; null: it does not say. */
const receiptApp = z.object({ name: z.string().nullable(), version: z.string().nullable() });

/** Readers without a stream that were heard of late, and what they said. One that asks several servers counts at each. */
const pollingCounts = z.object({ readers: z.int(), applied: z.int(), rejected: z.int() });
export type PollingCounts = z.infer<typeof pollingCounts>;

export const receiptCounts = z.object({
  connected: z.int(),
  applied: z.int(),
  pending: z.int(),
  rejected: z.int(),
  /** Commit to receipt of the slowest instance that was connected at the commit and has applied it; null before the first. */
  slowestMs: z.number().nullable(),
  /** Who that is. */
  slowest: z.object({ instance: z.string(), app: receiptApp }).nullable(),
  /** Apart: none of the numbers above counts them. */
  polling: pollingCounts,
});
export type ReceiptCounts = z.infer<typeof receiptCounts>;

/** An instance that is connected and has said nothing of the newest revision. */
export const laggard = z.object({
  keyKind,
  instance: z.string(),
  app: receiptApp.extend({ commit: z.string().nullable() }),
  sdk: z.string(),
  /** What it last said that it runs; null: nothing yet. */
  held: z.object({ epoch: z.string(), revision: z.int() }).nullable(),
  heardAt: z.iso.datetime(),
});
export type Laggard = z.infer<typeof laggard>;

/** Instances of one version of an app that could not read one body of the newest revision, and keep its last good one. */
export const refusal = z.object({
  keyKind,
  kind: z.enum(['flag', 'segment']),
  key: z.string(),
  code: z.string(),
  app: receiptApp,
  instances: z.int(),
});
export type Refusal = z.infer<typeof refusal>;

export const receipts = z
  .object({
    environment: environmentKey,
    revision: z.int(),
    committedAt: z.iso.datetime(),
    server: receiptCounts,
    client: receiptCounts,
    /** By app and version, the most instances first; at most 100. */
    apps: z.array(
      z.object({ keyKind, app: receiptApp, connected: z.int(), applied: z.int(), pending: z.int(), rejected: z.int() }),
    ),
    /** Those not heard for the longest first; at most 100. */
    laggards: z.array(laggard),
    /** At most 100. */
    refusals: z.array(refusal),
    replicas: z.object({
      /** Servers whose readers are counted: the one that answers, and all others that have readers. */
      count: z.int(),
      /** False while one of the others has not been heard in time, or none could be asked: numbers may be off. */
      complete: z.boolean(),
    }),
  })
  .meta({ id: 'Receipts' });
export type Receipts = z.infer<typeof receipts>;

/** One event named `receipts` of `GET /projects/{project}/stream`: how the newest revision of one environment spreads. */
export interface ReceiptsEvent extends Receipts {
  readonly kind: 'receipts';
}

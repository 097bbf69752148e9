/** Which instances are connected to an environment, and how long changes take to reach them. */
import { z } from 'zod';
import { environmentKey } from './names.ts';

const keyKind = z.enum(['server', 'client']);
const app = z.object({ name: z.string().nullable(), version: z.string().nullable() });

/** `rejected`: it could not read a body of the newest revision, and keeps its last good one. */
export const INSTANCE_STATES = ['applied', 'pending', 'rejected'] as const;

export const fleetInstance = z.object({
  keyKind,
  instance: z.string(),
  app: app.extend({ commit: z.string().nullable() }),
  sdk: z.string(),
  /** What it last said that it runs; null: nothing yet. */
  held: z.object({ epoch: z.string(), revision: z.int() }).nullable(),
  state: z.enum(INSTANCE_STATES),
  /** It has no stream, and asks every half minute. */
  polls: z.boolean(),
  /** Of one that polls: since when it runs what it runs. */
  connectedAt: z.iso.datetime(),
  heardAt: z.iso.datetime(),
});
export type FleetInstance = z.infer<typeof fleetInstance>;

export const fleet = z
  .object({
    environment: environmentKey,
    /** The newest. */
    revision: z.int(),
    /** Of every instance, by app, version, SDK and the revision that it runs; the most instances first, at most 200 of each kind of key. */
    groups: z.array(
      z.object({
        keyKind,
        app,
        sdk: z.string(),
        /** Null: they have not said yet. */
        revision: z.int().nullable(),
        instances: z.int(),
        /** Of these, those without a stream. */
        polling: z.int(),
        /** Of these, those that could not read a body of the newest revision. */
        rejected: z.int(),
      }),
    ),
    /** By name: those that do not run the newest revision first, then who has connected last; at most 200 of each kind of key. */
    instances: z.array(fleetInstance),
    replicas: z.object({ count: z.int(), complete: z.boolean() }),
  })
  .meta({ id: 'Fleet' });
export type Fleet = z.infer<typeof fleet>;

export const CONVERGENCE_RANGES = ['day', 'week', 'month'] as const;
export type ConvergenceRange = (typeof CONVERGENCE_RANGES)[number];

const percentiles = {
  keyKind,
  /** Null: it does not say; `other`: beyond the first hundred. */
  app: z.string().nullable(),
  /** Receipts that are counted. */
  n: z.int(),
  /** From commit to receipt, estimated within steps of a histogram; 60 000 stands for everything above. */
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
};

/** Of instances that were connected at the commit. */
export const convergence = z
  .object({
    environment: environmentKey,
    range: z.enum(CONVERGENCE_RANGES),
    since: z.iso.datetime(),
    /** Length of the time that one item stands for. */
    slotSeconds: z.int(),
    /** Over the whole range, the most receipts first. */
    apps: z.array(z.object(percentiles)),
    /** In order of time; times without a change have none. */
    items: z.array(z.object({ at: z.iso.datetime(), ...percentiles })),
  })
  .meta({ id: 'Convergence' });
export type Convergence = z.infer<typeof convergence>;

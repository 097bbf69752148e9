/**
 * What SDKs reported of their evaluations. Of server keys and client keys apart, since a browser's word is forgeable. Next to every
 * "last evaluated" stands how many of the connected instances report at all: without that it says little.
 */
import { z } from 'zod';
import { environmentKey, flagKey } from './names.ts';

const keyKind = z.enum(['server', 'client']);
const app = z.object({ name: z.string().nullable(), version: z.string().nullable() });

/** Null: never, as far as was reported. Off by a quarter of a minute while the flag is in use. */
const lastServed = z.object({
  /** It answered by what it is configured to, the off variant included. */
  ruleServedAt: z.iso.datetime().nullable(),
  /** The caller got its code default. */
  defaultServedAt: z.iso.datetime().nullable(),
});

const coverageCounts = z.object({
  /** Connected instances of which a report was heard within two and a half hours. */
  reporting: z.int(),
  /** Connected for more than 90 s without one. */
  silent: z.int(),
  /** Connected for less, and not heard yet. */
  awaited: z.int(),
});
export type CoverageCounts = z.infer<typeof coverageCounts>;

/** How many of the instances that are connected to one environment report. */
export const coverageSummary = z.object({ environment: environmentKey, server: coverageCounts, client: coverageCounts });
export type CoverageSummary = z.infer<typeof coverageSummary>;

export const lastEvaluated = z.object({
  flag: flagKey,
  environment: environmentKey,
  server: lastServed,
  client: lastServed,
});
export type LastEvaluated = z.infer<typeof lastEvaluated>;

/** A flag that is not listed in an environment was never evaluated there, as far as was reported. */
export const lastEvaluations = z
  .object({ coverage: z.array(coverageSummary), flags: z.array(lastEvaluated) })
  .meta({ id: 'LastEvaluations' });
export type LastEvaluations = z.infer<typeof lastEvaluations>;

export const GRAINS = ['hour', 'day', 'month'] as const;
export type Grain = (typeof GRAINS)[number];

/** One flag in one environment. */
export const flagEvaluations = z
  .object({
    flag: flagKey,
    environment: environmentKey,
    grain: z.enum(GRAINS),
    /** From here on: hours since yesterday began, 28 days, 13 months. */
    since: z.iso.datetime(),
    items: z.array(
      z.object({
        /** Begin of the hour, day or month, UTC. */
        at: z.iso.datetime(),
        keyKind,
        /** Null: none for the question; `(other)`: one that the flag does not have. */
        variant: z.string().nullable(),
        /** Null: not known any more. */
        reason: z.string().nullable(),
        defaultServed: z.boolean(),
        n: z.int(),
      }),
    ),
    /** Who asked, the most first; at most 100. */
    apps: z.array(z.object({ keyKind, app, n: z.int() })),
    last: z.object({ server: lastServed, client: lastServed }),
    /** Hashes of the code defaults that callers pass. More than one: call sites disagree. */
    defaults: z.array(z.object({ keyKind, app: z.string().nullable(), hash: z.string(), seenAt: z.iso.datetime() })),
    /** Rules that could not match since contexts lacked an attribute. */
    skipped: z.array(z.object({ keyKind, rule: z.string(), attribute: z.string(), seenAt: z.iso.datetime() })),
    coverage: coverageSummary,
  })
  .meta({ id: 'FlagEvaluations' });
export type FlagEvaluations = z.infer<typeof flagEvaluations>;

/** Days of which every flag of an environment is counted: a fortnight shows the week and the one before. */
export const TREND_DAYS = 14;

/** Every flag of one environment, in short: how often it was evaluated on each day. */
export const evaluationTrends = z
  .object({
    environment: environmentKey,
    /** The first day, UTC; the last is today. */
    since: z.iso.date(),
    days: z.int(),
    /** By flag key, one count a day from `since` on. A flag that is not there was not evaluated, as far as was reported. */
    flags: z.record(flagKey, z.array(z.int())),
  })
  .meta({ id: 'EvaluationTrends' });
export type EvaluationTrends = z.infer<typeof evaluationTrends>;

export const coverage = coverageSummary
  .extend({
    /** The most silent first; at most 100 of each kind of key. */
    apps: z.array(z.object({ keyKind, app, reporting: z.int(), silent: z.int() })),
    /** Those connected the longest, at most 100 of each kind of key; `connectedAt` as if their connections had been one without a break. */
    silent: z.array(
      z.object({
        keyKind,
        instance: z.string(),
        sdk: z.string(),
        app: app.extend({ commit: z.string().nullable() }),
        connectedAt: z.iso.datetime(),
      }),
    ),
    /** Evaluations that no count stands for: SDKs had no room for them, or this server had none. */
    missing: z.array(z.object({ keyKind, lost: z.int(), dropped: z.int() })),
    /** Flags that applications ask for and that do not exist; at most 100 of each kind of key. */
    unknownFlags: z.array(
      z.object({ keyKind, key: z.string(), app: z.string().nullable(), n: z.int(), seenAt: z.iso.datetime() }),
    ),
    /** False while a server of another version has readers, and for ten minutes after one started or ended: instances are on their way. */
    complete: z.boolean(),
  })
  .meta({ id: 'Coverage' });
export type Coverage = z.infer<typeof coverage>;

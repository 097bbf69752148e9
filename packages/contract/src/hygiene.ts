/**
 * Hygiene: what is to be cleaned up, and on which evidence. A verdict lists every fact that it is made of; nothing here ever changes
 * what a flag serves.
 */
import { z } from 'zod';
import { FLAG_KINDS, hygieneWindows, snooze } from './entities.ts';
import { LIFECYCLE_REASONS, LIFECYCLES } from './lifecycle.ts';
import { day, environmentKey, flagKey, projectKey, teamKey } from './names.ts';

export const VERDICTS = ['safe', 'caution', 'blocked'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What a verdict looks at. */
export const VERDICT_FACTS = ['default_branches', 'builds', 'evaluations', 'coverage', 'one_value', 'dependants'] as const;
export type VerdictFactCode = (typeof VERDICT_FACTS)[number];

/** `ok`: speaks for removing. `unknown`: cannot be told. `doubt`: speaks against it. `blocks`: something would change. */
export const FACT_STATES = ['ok', 'unknown', 'doubt', 'blocks'] as const;
export type FactState = (typeof FACT_STATES)[number];

const factItem = z.object({
  /** One sentence about one thing: a repository, a build, an environment, a flag. */
  sentence: z.string(),
  state: z.enum(FACT_STATES),
  /** Of what it is known from; null: never, or it has no date. */
  at: z.iso.datetime().nullable(),
  environment: environmentKey.nullable(),
  /** A flag of the project, where the sentence is about one. */
  flag: flagKey.nullable(),
});
export type VerdictFactItem = z.infer<typeof factItem>;

export const verdictFact = z.object({
  code: z.enum(VERDICT_FACTS),
  /** The worst of its items. */
  state: z.enum(FACT_STATES),
  sentence: z.string(),
  items: z.array(factItem),
});
export type VerdictFact = z.infer<typeof verdictFact>;

export const lifecycleReason = z.object({ code: z.enum(LIFECYCLE_REASONS), since: z.iso.datetime().nullable() });

/** `GET /projects/{project}/flags/{flag}/verdict`: whether a flag can be removed, and everything that says so, as of now. */
export const flagVerdict = z
  .object({
    flag: flagKey,
    verdict: z.enum(VERDICTS),
    /** No default branch names the flag, and a build that runs still does. */
    awaitingDeploy: z.boolean(),
    /** All of them, the worst first. */
    facts: z.array(verdictFact),
    lifecycle: z.enum(LIFECYCLES),
    reasons: z.array(lifecycleReason),
    snooze: snooze.nullable(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'FlagVerdict' });
export type FlagVerdict = z.infer<typeof flagVerdict>;

const ownerTeam = z.object({ key: teamKey, name: z.string() }).nullable();

/** `GET /projects/{project}/hygiene/flags`: one flag in the list of verdicts, as of `assessedAt`, a minute ago at most while a server runs. */
export const assessedFlag = z.object({
  flag: flagKey,
  kind: z.enum(FLAG_KINDS),
  owner: z.string().nullable(),
  ownerTeam,
  expiresOn: day.nullable(),
  lifecycle: z.enum(LIFECYCLES),
  reasons: z.array(lifecycleReason),
  /** Null: not assessed yet. */
  verdict: z.enum(VERDICTS).nullable(),
  awaitingDeploy: z.boolean(),
  /** The facts that keep it from being safe. */
  open: z.array(z.enum(VERDICT_FACTS)),
  /** By the heads of default branches; null: none is known. */
  references: z.int().nullable(),
  lastEvaluatedAt: z.iso.datetime().nullable(),
  snooze: snooze.nullable(),
  assessedAt: z.iso.datetime().nullable(),
});
export type AssessedFlag = z.infer<typeof assessedFlag>;

const weekScore = z.object({
  /** Its Monday, UTC. */
  week: day,
  flags: z.int(),
  expired: z.int(),
  stale: z.int(),
  readyToRemove: z.int(),
  /** Share of the flags that wait for nobody, in per cent: 100 is clean. */
  score: z.int(),
});

/** `GET /projects/{project}/hygiene`: the state of a project's flags. Lists are ordered by urgency and hold 100 at most; the counts are of all. */
export const hygieneOverview = z
  .object({
    project: projectKey,
    windows: hygieneWindows,
    /** Null: not assessed yet. */
    assessedAt: z.iso.datetime().nullable(),
    counts: z.object({
      lifecycle: z.record(z.enum(LIFECYCLES), z.int()),
      verdict: z.record(z.enum(VERDICTS), z.int()),
      awaitingDeploy: z.int(),
      snoozed: z.int(),
      withoutOwner: z.int(),
    }),
    /** Expired and expiring, the longest due first. */
    expiries: z.array(assessedFlag),
    stale: z.array(assessedFlag),
    readyToRemove: z.array(assessedFlag),
    /** Call sites disagree: flags of which more than one code default was reported in an environment. */
    codeDefaults: z.array(
      z.object({
        flag: flagKey,
        environment: environmentKey,
        defaults: z.array(z.object({ app: z.string().nullable(), hash: z.string(), seenAt: z.iso.datetime() })),
      }),
    ),
    /** Keys that applications ask for or code names, and that are no flags of the project. */
    unknownKeys: z.array(
      z.object({
        key: z.string(),
        /** Null: named in code only. */
        environment: environmentKey.nullable(),
        app: z.string().nullable(),
        /** Evaluations; references in code. */
        n: z.int(),
        seenAt: z.iso.datetime(),
        source: z.enum(['evaluated', 'code']),
      }),
    ),
    /** By owner, the lowest first; weeks oldest first, 26 at most. */
    scores: z.array(z.object({ owner: z.string().nullable(), ownerTeam, weeks: z.array(weekScore) })),
  })
  .meta({ id: 'HygieneOverview' });
export type HygieneOverview = z.infer<typeof hygieneOverview>;

/** Grows when a member changes its meaning or goes away; readers refuse what they do not know. */
export const CHECK_SNAPSHOT_VERSION = 1;

/** `GET /projects/{project}/check-snapshot`: all that `yardarm check` needs to know of a project, archived flags included, in order of key. */
export const checkSnapshot = z
  .object({
    version: z.literal(CHECK_SNAPSHOT_VERSION),
    project: projectKey,
    /** When it was made: expiries are compared with the day on which the check runs, all else is as of then. */
    at: z.iso.datetime(),
    windows: hygieneWindows,
    environments: z.array(environmentKey),
    flags: z.array(
      z.object({
        key: flagKey,
        kind: z.enum(FLAG_KINDS),
        owner: z.string().nullable(),
        expiresOn: day.nullable(),
        archivedAt: z.iso.datetime().nullable(),
        lifecycle: z.enum(LIFECYCLES),
        /** Last day on which nobody is to be told. */
        snoozedUntil: day.nullable(),
      }),
    ),
  })
  .meta({ id: 'CheckSnapshot' });
export type CheckSnapshot = z.infer<typeof checkSnapshot>;

/** Looking back and across: comparisons, copies from one environment to another, going back, evaluating in the past. */
import { z } from 'zod';
import { diffEntry } from './diff.ts';
import { ACTOR_KINDS, CHANGE_KINDS, change, FLAG_TYPES, flagEnvironment } from './entities.ts';
import { jsonValue } from './json-value.ts';
import { environmentKey, flagKey, reason, segmentKey } from './names.ts';

/** Id of a change: its change set, then its place in it. Newer changes have greater ids. */
export const changeId = z.string().regex(/^\d{1,18}-\d{1,6}$/, 'A change id looks like 812-1.');
/** Revision of an environment; 0 is an environment that has served nothing yet. */
export const revision = z.int().min(0);

/** What a comparison, a copy or a way back makes of one flag or segment. */
export const entityDiff = z.object({
  kind: z.enum(['flag', 'segment']),
  key: z.string(),
  change: z.enum(['added', 'removed', 'changed']),
  diff: z.array(diffEntry),
});
export type EntityDiff = z.infer<typeof entityDiff>;

/** Between two revisions of one environment: whole bodies, `on` included. */
export const revisionComparison = z.object({
  environment: environmentKey,
  from: revision,
  to: revision,
  items: z.array(entityDiff),
});
export type RevisionComparison = z.infer<typeof revisionComparison>;

/**
 * Between two environments: in each entry `before` is how it stands in `from`, `after` how in `to`, so that copying from `to`
 * makes exactly these changes in `from`. `on`, which no copy touches, stands apart.
 */
export const environmentComparison = z.object({
  from: z.object({ environment: environmentKey, revision }),
  to: z.object({ environment: environmentKey, revision }),
  items: z.array(entityDiff),
  /** Flags that are on in one of the two and killed in the other. */
  on: z.array(z.object({ flag: flagKey, from: z.boolean(), to: z.boolean() })),
});
export type EnvironmentComparison = z.infer<typeof environmentComparison>;

/** `segments`: those that the flag's rules use are copied too. */
export const copyFlagInput = z.strictObject({ from: environmentKey, segments: z.boolean().default(false), reason });
/** Without `flags` and `segments`: everything; otherwise exactly what they list. */
export const copyEnvironmentInput = z.strictObject({
  from: environmentKey,
  flags: z.array(flagKey).max(10_000).optional(),
  segments: z.array(segmentKey).max(10_000).optional(),
  /** Revisions of the comparison that somebody looked at: of `from`, and of the environment that is changed. At others nothing is copied. */
  seen: z.strictObject({ from: revision, to: revision }).optional(),
  reason,
});

/** Answer of a copy: the flag as it stands now, and what came over. */
export const copiedFlag = z.object({ flag: flagEnvironment, revision, items: z.array(entityDiff) });
export type CopiedFlag = z.infer<typeof copiedFlag>;
/** Answer of a copy of many: what changed, and at which revision it stands so. */
export const copiedEnvironment = z.object({ revision, items: z.array(entityDiff) });
export type CopiedEnvironment = z.infer<typeof copiedEnvironment>;

export const revertChangeInput = z.strictObject({ reason });
/** Answer of a revert: the new change set, and the environments whose rule sets it moved. */
export const revertedChange = z.object({
  changeSet: z.string(),
  revisions: z.array(z.object({ environment: environmentKey, revision })),
});
export type RevertedChange = z.infer<typeof revertedChange>;

export const revertEnvironmentInput = z.strictObject({ toRevision: revision, reason });
/** `dryRun` answers what would be done and does nothing. */
export const revertEnvironmentRequest = revertEnvironmentInput.extend({ dryRun: z.boolean().default(false) });
/** What is left as it is, and why: it was made after that revision, or archived or deleted since. */
const skipped = z.object({
  kind: z.enum(['flag', 'segment']),
  key: z.string(),
  why: z.enum(['made_later', 'archived', 'deleted']),
});
export const revertedEnvironment = z.object({ revision, items: z.array(entityDiff), skipped: z.array(skipped) });
export type RevertedEnvironment = z.infer<typeof revertedEnvironment>;

/** As many as a page of the list of flags has: a trace is long, and so is the work of telling it. */
const MAX_EVALUATIONS = 200;

/**
 * `revision`, else the one that was the newest at `at`, else the newest of now. `at` is also the clock of the rules that ask
 * for the time. `type` is what the application would ask for; left out, the flag's own. Where no flag is named, every one that is
 * there at that revision is evaluated, and only the resolutions are answered.
 */
export const evaluateInput = z
  .strictObject({
    flag: flagKey.optional(),
    flags: z.array(flagKey).min(1).max(MAX_EVALUATIONS).optional(),
    context: z.record(z.string(), jsonValue).default({}),
    revision: revision.optional(),
    at: z.iso.datetime({ offset: true }).optional(),
    type: z.enum(FLAG_TYPES).optional(),
  })
  .refine(({ flag, flags }) => flag === undefined || flags === undefined, {
    message: `Name one flag in 'flag', or up to ${MAX_EVALUATIONS} in 'flags', or none for all of them.`,
    path: ['flag'],
  });
export type EvaluateInput = z.input<typeof evaluateInput>;

/**
 * Each evaluation of a flag that was named is a trace as `explain` of @yardarm/evaluator gives it, with the resolution in it. Of all
 * flags there are the resolutions alone, in no order.
 */
export const evaluation = z.object({
  environment: environmentKey,
  revision,
  /** The clock that the evaluation ran by. */
  at: z.iso.datetime(),
  evaluations: z.array(
    z.object({
      flag: z.string(),
      resolution: z.looseObject({ reason: z.string() }),
      steps: z.array(z.looseObject({ step: z.string() })).optional(),
    }),
  ),
});

/** One command's changes, committed together. */
export const changeSet = z.object({
  id: z.string(),
  command: z.string(),
  actor: z.object({ kind: z.enum(ACTOR_KINDS), name: z.string() }),
  reason: z.string().nullable(),
  requestId: z.string(),
  at: z.iso.datetime(),
  /** Revisions that it made, one per environment whose rules changed. */
  revisions: z.array(z.object({ environment: environmentKey, revision })),
  /** Its place in the hash chain; null only until a change of the first release is adopted. */
  link: z.object({ seq: z.int(), hash: z.string(), origin: z.enum(['recorded', 'adopted']) }).nullable(),
  changes: z.array(change),
});
export type ChangeSet = z.infer<typeof changeSet>;

/** A change that somebody should look at afterwards: `no_reason` of a kill, `break_glass` of anything done with such a token. */
export const review = z.object({
  id: z.uuid(),
  cause: z.enum(['no_reason', 'break_glass']),
  changeSet: z.object({
    id: z.string(),
    command: z.string(),
    actor: z.object({ kind: z.enum(ACTOR_KINDS), name: z.string() }),
    at: z.iso.datetime(),
    /** The first of what it changed. */
    about: z.array(z.object({ kind: z.enum(CHANGE_KINDS), key: z.string(), environment: environmentKey.nullable() })),
  }),
  openedAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  closedBy: z.string().nullable(),
  note: z.string().nullable(),
});
export type Review = z.infer<typeof review>;

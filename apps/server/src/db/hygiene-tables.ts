/**
 * Evidence about flags, and what was made of it. None of it is a change: it is what scanners, pipelines and SDKs say, can be had again
 * from them, and refers to flags by their keys or without a constraint, so that no change waits for it.
 */
import type { CodePlace, LifecycleReason, VerdictFactCode } from '@yardarm/contract';
import { STANDINGS, VERDICTS } from '@yardarm/contract';
import { boolean, date, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { at, createdAt, id } from './columns.ts';
import { environments, projects } from './schema.ts';

export const repositories = pgTable(
  'repositories',
  {
    id: id(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id),
    name: text('name').notNull(),
    lineUrl: text('line_url'),
    /** Null: nobody has said which one it is. */
    defaultBranch: text('default_branch'),
    createdAt: createdAt(),
  },
  (table) => [unique().on(table.projectId, table.name)],
);

/** What one commit names. Kept while it is the head of a branch, a build that runs is of it, or it may yet be deployed. */
export const referenceSets = pgTable(
  'reference_sets',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    repositoryId: uuid('repository_id')
      .notNull()
      .references(() => repositories.id),
    commit: text('commit').notNull(),
    committedAt: at('committed_at'),
    uploadedAt: at('uploaded_at').notNull(),
    uploadedBy: text('uploaded_by').notNull(),
    scanner: text('scanner').notNull(),
    /** What it names, each once, whether or not it is a flag. */
    keys: text('keys').array().notNull(),
    references: integer('references').notNull(),
    /** References that the scanner found and had no room for. */
    left: integer('left').notNull(),
    /** Folders and files with code of the commit that were not scanned; empty: all of it was. Null: not said. */
    rest: text('rest').array(),
    /** SHA-256 of what was uploaded: the same again changes nothing. */
    hash: text('hash').notNull(),
  },
  (table) => [unique().on(table.repositoryId, table.commit)],
);

/** Where the heads of branches name what. */
export const codeReferences = pgTable(
  'code_references',
  {
    setId: integer('set_id')
      .notNull()
      .references(() => referenceSets.id, { onDelete: 'cascade' }),
    /** As the code has it; it need not be a flag. */
    flagKey: text('flag_key').notNull(),
    /** Of all places, also of those that are not kept. */
    count: integer('count').notNull(),
    places: jsonb('places').$type<CodePlace[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.setId, table.flagKey] })],
);

export const branchHeads = pgTable(
  'branch_heads',
  {
    repositoryId: uuid('repository_id')
      .notNull()
      .references(() => repositories.id),
    branch: text('branch').notNull(),
    setId: integer('set_id')
      .notNull()
      .references(() => referenceSets.id),
    pushedAt: at('pushed_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.repositoryId, table.branch] }), index().on(table.setId)],
);

/** The build of an app that runs in an environment, as somebody said last. */
export const deployments = pgTable(
  'deployments',
  {
    environmentId: uuid('environment_id')
      .notNull()
      .references(() => environments.id),
    app: text('app').notNull(),
    commit: text('commit').notNull(),
    version: text('version'),
    deployedAt: at('deployed_at').notNull(),
    deployedBy: text('deployed_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.app] })],
);

/**
 * What no count of evaluations tells of, in an environment: a key let the server evaluate; or, by the environment's own id, an instance
 * was connected that reports nothing (`silent`, the last time), one said that it lost evaluations (`lost`, the last time), and everything before
 * reports were heard (`heard`, the first time).
 */
export const remoteUses = pgTable(
  'remote_uses',
  {
    keyId: uuid('key_id').notNull(),
    way: text('way', { enum: ['ofrep', 'flagd', 'silent', 'lost', 'heard'] }).notNull(),
    environmentId: uuid('environment_id').notNull(),
    usedAt: at('used_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.keyId, table.way] }), index().on(table.environmentId)],
);

/** What the last assessment made of each flag. */
export const flagHygiene = pgTable('flag_hygiene', {
  flagId: uuid('flag_id').primaryKey(),
  standing: text('standing', { enum: STANDINGS }),
  reasons: jsonb('reasons').$type<LifecycleReason[]>().notNull(),
  verdict: text('verdict', { enum: VERDICTS }).notNull(),
  awaitingDeploy: boolean('awaiting_deploy').notNull(),
  /** Facts that keep it from being safe. */
  open: jsonb('open').$type<VerdictFactCode[]>().notNull(),
  /** By the heads of default branches; null: none is known. */
  references: integer('references'),
  lastEvaluatedAt: at('last_evaluated_at'),
  /** Null: a default branch names it, or none is known. */
  codeGoneSince: at('code_gone_since'),
  /** When it became as it is. */
  assessedAt: at('assessed_at').notNull(),
});

/** When the project was assessed last, and the last day on which its owners were told. */
export const hygieneProjects = pgTable('hygiene_projects', {
  projectId: uuid('project_id').primaryKey(),
  assessedAt: at('assessed_at').notNull(),
  toldOn: date('told_on', { mode: 'string' }),
});

/** What an owner was told of a flag: each state at most once a week. */
export const hygieneNotices = pgTable(
  'hygiene_notices',
  {
    flagId: uuid('flag_id').notNull(),
    /** Lifecycle, expiry and owner. */
    state: text('state').notNull(),
    toldAt: at('told_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.flagId, table.state] })],
);

/** How an owner's flags stood at the end of each week; of the current one, how they stand. */
export const hygieneScores = pgTable(
  'hygiene_scores',
  {
    projectId: uuid('project_id').notNull(),
    /** Empty: without an owner. */
    owner: text('owner').notNull(),
    /** Its Monday, UTC. */
    week: date('week', { mode: 'string' }).notNull(),
    flags: integer('flags').notNull(),
    expired: integer('expired').notNull(),
    stale: integer('stale').notNull(),
    readyToRemove: integer('ready_to_remove').notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.week, table.owner] })],
);

/**
 * What SDKs report of their evaluations. Counts are kept by hour, then by day, then by month, each for its time (see
 * telemetry/roll-up.ts), so that no table grows with the age of the instance. None refers to another table: what is counted must
 * not make a change wait, nor a change what is counted.
 */
import { bigint, boolean, date, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

const keyKind = () => text('key_kind', { enum: ['server', 'client'] }).notNull();
const count = (name: string) => bigint(name, { mode: 'number' }).notNull();
/** What one row of every table of counts is about. */
const counted = () => ({ seriesId: integer('series_id').notNull(), n: count('n') });

/** Each instance that has reported, with the number of its last batch: by that a batch that is sent again counts nothing. */
export const telemetryInstances = pgTable(
  'telemetry_instances',
  {
    keyId: uuid('key_id').notNull(),
    /** Identity that the running copy gave itself. */
    instance: text('instance').notNull(),
    environmentId: uuid('environment_id').notNull(),
    keyKind: keyKind(),
    sdk: text('sdk').notNull(),
    app: text('app').notNull(),
    appVersion: text('app_version').notNull(),
    appCommit: text('app_commit').notNull(),
    lastSeq: count('last_seq'),
    heardAt: at('heard_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.keyId, table.instance] })],
);

/** What reports of one environment with one kind of key came to, beside the counts. */
export const telemetrySources = pgTable(
  'telemetry_sources',
  {
    environmentId: uuid('environment_id').notNull(),
    keyKind: keyKind(),
    heardAt: at('heard_at').notNull(),
    /** Rows in `telemetry_series`, which are bounded. */
    series: integer('series').notNull(),
    /** Evaluations for which SDKs had no count, and those for which there was no series here. */
    lost: count('lost'),
    dropped: count('dropped'),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.keyKind] })],
);

/** What is told apart. Texts are empty where nothing was named. */
export const telemetrySeries = pgTable(
  'telemetry_series',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    flagId: uuid('flag_id').notNull(),
    environmentId: uuid('environment_id').notNull(),
    keyKind: keyKind(),
    app: text('app').notNull(),
    appVersion: text('app_version').notNull(),
    /** Empty: none for the question. */
    variant: text('variant').notNull(),
    /** Empty: of counts by month, which tell neither reasons nor versions apart. */
    reason: text('reason').notNull(),
    defaultServed: boolean('default_served').notNull(),
    /** The last day of which there is a count. */
    seenOn: date('seen_on', { mode: 'string' }).notNull(),
  },
  (table) => [
    unique('telemetry_series_told_apart').on(
      table.flagId,
      table.environmentId,
      table.keyKind,
      table.app,
      table.appVersion,
      table.variant,
      table.reason,
      table.defaultServed,
    ),
  ],
);

/** How many series each client key made, by day: one that forges names takes no more than its part of the room. */
export const telemetryKeySeries = pgTable(
  'telemetry_key_series',
  {
    keyId: uuid('key_id').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    made: integer('made').notNull(),
  },
  (table) => [primaryKey({ columns: [table.keyId, table.day] })],
);

export const telemetryHours = pgTable(
  'telemetry_hours',
  {
    /** Hours since 1970, UTC. */
    hour: integer('hour').notNull(),
    ...counted(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.seriesId] })],
);

export const telemetryDays = pgTable(
  'telemetry_days',
  { day: date('day', { mode: 'string' }).notNull(), ...counted() },
  (table) => [primaryKey({ columns: [table.day, table.seriesId] })],
);

export const telemetryMonths = pgTable(
  'telemetry_months',
  {
    /** Its first day. */
    month: date('month', { mode: 'string' }).notNull(),
    ...counted(),
  },
  (table) => [primaryKey({ columns: [table.month, table.seriesId] })],
);

/** When a flag was last evaluated; null: never so. Kept for ever: it is what says that a flag is not used. */
export const telemetryLastEvaluated = pgTable(
  'telemetry_last_evaluated',
  {
    flagId: uuid('flag_id').notNull(),
    environmentId: uuid('environment_id').notNull(),
    keyKind: keyKind(),
    ruleServedAt: at('rule_served_at'),
    /** The caller got its code default. */
    defaultServedAt: at('default_served_at'),
  },
  (table) => [primaryKey({ columns: [table.flagId, table.environmentId, table.keyKind] })],
);

/** Hashes of the code defaults that callers pass: more than one for a flag means that call sites disagree. */
export const telemetryDefaults = pgTable(
  'telemetry_defaults',
  {
    flagId: uuid('flag_id').notNull(),
    environmentId: uuid('environment_id').notNull(),
    keyKind: keyKind(),
    app: text('app').notNull(),
    hash: text('hash').notNull(),
    seenAt: at('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.flagId, table.environmentId, table.keyKind, table.app, table.hash] })],
);

/** Rules that could not match since contexts lacked an attribute. */
export const telemetrySkips = pgTable(
  'telemetry_skips',
  {
    flagId: uuid('flag_id').notNull(),
    environmentId: uuid('environment_id').notNull(),
    keyKind: keyKind(),
    rule: text('rule').notNull(),
    attribute: text('attribute').notNull(),
    seenAt: at('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.flagId, table.environmentId, table.keyKind, table.rule, table.attribute] })],
);

/** Flags that applications ask for and that do not exist. */
export const telemetryUnknownFlags = pgTable(
  'telemetry_unknown_flags',
  {
    environmentId: uuid('environment_id').notNull(),
    keyKind: keyKind(),
    key: text('key').notNull(),
    /** The last app that asked. */
    app: text('app').notNull(),
    n: count('n'),
    seenAt: at('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.keyKind, table.key] })],
);

/**
 * Of the instances that are connected to one server, how many report. Unlogged (see the migration): a crash of the database
 * empties it, and every server writes its rows anew within seconds.
 */
export const telemetryCoverage = pgTable(
  'telemetry_coverage',
  {
    environmentId: uuid('environment_id').notNull(),
    /** Made anew by each start of a server. */
    replica: uuid('replica').notNull(),
    /** See telemetry/coverage.ts; of another format, when the other server is of another version. */
    coverage: jsonb('coverage').notNull(),
    heardAt: at('heard_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.replica] })],
);

/** Servers that count who is connected: which of them there are, and since when each does. Whoever ended is kept for a while. */
export const telemetryReplicas = pgTable('telemetry_replicas', {
  replica: uuid('replica').primaryKey(),
  /** It began to count, or ended: until its instances had the time to come (back) to a server, nobody knows all of them. */
  turnedAt: at('turned_at').notNull(),
  /** After `turnedAt`, unless it ended. */
  heardAt: at('heard_at').notNull(),
});

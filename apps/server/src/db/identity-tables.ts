/** People, teams, their rights, and the credentials of people and machines. Secrets are stored as SHA-256 or argon2id. */
import { ROLES, TOKEN_KINDS } from '@yardarm/contract';
import { type AnyPgColumn, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { at, createdAt, id } from './columns.ts';
import { environments, projects } from './schema.ts';

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    actor: text('actor').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    status: integer('status').notNull(),
    response: jsonb('response').notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.actor, table.key] })],
);

export const users = pgTable('users', {
  id: id(),
  /** What people sign in with and the history shows. */
  name: text('name').notNull().unique(),
  email: text('email').unique(),
  /** argon2id; null: no password, so sign-in by link or single sign-on only. */
  passwordHash: text('password_hash'),
  disabledAt: at('disabled_at'),
  version: integer('version').notNull().default(1),
  createdAt: createdAt(),
});

/** Who a person is to an OpenID provider. Never found by e-mail: addresses are given to other people. */
export const userIdentities = pgTable(
  'user_identities',
  {
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.issuer, table.subject] })],
);

export const teams = pgTable('teams', {
  id: id(),
  key: text('key').notNull().unique(),
  name: text('name').notNull(),
  version: integer('version').notNull().default(1),
  createdAt: createdAt(),
});

export const teamMembers = pgTable(
  'team_members',
  {
    teamId: uuid('team_id')
      .notNull()
      .references(() => teams.id),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
  },
  (table) => [primaryKey({ columns: [table.teamId, table.userId] }), index().on(table.userId)],
);

/** A right of exactly one of a user, a team or an API token. Rights add up; nothing takes one away. */
export const grants = pgTable(
  'grants',
  {
    id: id(),
    userId: uuid('user_id').references(() => users.id),
    teamId: uuid('team_id').references(() => teams.id),
    apiTokenId: uuid('api_token_id').references((): AnyPgColumn => apiTokens.id),
    /** Null: the instance and every project. */
    projectId: uuid('project_id').references(() => projects.id),
    /** Null: every environment. */
    environmentId: uuid('environment_id').references(() => environments.id),
    /** Null: only the actions listed. */
    role: text('role', { enum: ROLES }),
    actions: jsonb('actions').$type<string[]>().notNull().default([]),
    /** The OpenID provider whose groups brought it, renewed at each sign-in; null: given here. */
    issuer: text('issuer'),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.userId), index().on(table.teamId), index().on(table.apiTokenId)],
);

/** One-time links, stored as SHA-256. */
export const signInLinks = pgTable('sign_in_links', {
  tokenHash: text('token_hash').primaryKey(),
  userId: uuid('user_id')
    .notNull()
    .references(() => users.id),
  purpose: text('purpose', { enum: ['sign_in', 'set_up', 'invite', 'reset'] })
    .notNull()
    .default('sign_in'),
  expiresAt: at('expires_at').notNull(),
});

/** Server-side sessions of the admin UI; the cookie holds the secret, the table its SHA-256. */
export const sessions = pgTable('sessions', {
  tokenHash: text('token_hash').primaryKey(),
  userId: uuid('user_id').references(() => users.id),
  apiTokenId: uuid('api_token_id').references(() => apiTokens.id),
  createdAt: createdAt(),
  lastSeenAt: at('last_seen_at').notNull().defaultNow(),
  expiresAt: at('expires_at').notNull(),
  /** As the browser named itself when it signed in; shown to its owner only. */
  userAgent: text('user_agent').notNull().default(''),
});

/** Credentials of persons and machines for the management API, stored as SHA-256. */
export const apiTokens = pgTable('api_tokens', {
  id: id(),
  name: text('name').notNull(),
  /** Whose hand it is: `agent` marks software that decides by itself, `break_glass` opens a review with each use. */
  kind: text('kind', { enum: TOKEN_KINDS }).notNull().default('machine'),
  /** Of a person's own token, which can do at most what its owner can. */
  userId: uuid('user_id').references(() => users.id),
  prefix: text('prefix').notNull().default(''),
  tokenHash: text('token_hash').notNull().unique(),
  createdBy: text('created_by').notNull().default('system'),
  createdAt: createdAt(),
  expiresAt: at('expires_at'),
  lastUsedAt: at('last_used_at'),
  revokedAt: at('revoked_at'),
});

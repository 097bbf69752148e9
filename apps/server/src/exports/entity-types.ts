/**
 * What an export holds: one line type per table, in the order in which an import can insert them. Every column of every table
 * is exported, unless it is named here as left out; a test compares both lists with the schema, so that nothing is forgotten.
 */
import {
  attributeName,
  condition,
  environmentKey,
  flagConfiguration,
  flagKey,
  flagLinks,
  projectKey,
  segmentConfiguration,
  segmentKey,
  variants,
} from '@yardarm/contract';
import { getTableColumns } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { z } from 'zod';
import { apiTokens, grants, teamMembers, teams, userIdentities, users } from '../db/identity-tables.ts';
import {
  contextAttributes,
  environments,
  flagEnvironments,
  flags,
  projects,
  sdkKeys,
  segmentEnvironments,
  segments,
} from '../db/schema.ts';
import { webhooks } from '../db/webhook-tables.ts';

export interface EntityType {
  readonly type: string;
  readonly table: PgTable;
  /** Columns of this instance alone, which start anew. */
  readonly leftOut: readonly string[];
  /** Columns that are exported only with secrets; without them an import leaves out entities that cannot be without. */
  readonly secrets: readonly string[];
  /** Of values that people write: the same rules as on every other way in. */
  readonly rules: Readonly<Record<string, z.ZodType>>;
}

function entity(type: string, table: PgTable, more: Partial<Omit<EntityType, 'type' | 'table'>> = {}): EntityType {
  return { type, table, leftOut: [], secrets: [], rules: {}, ...more };
}

const texts = z.array(z.string());
/** As this product makes them, with room for stronger ones: a cost that somebody made up would hold up everybody's signing in. */
const passwordHash = z
  .string()
  .regex(
    /^\$argon2id\$v=19\$m=\d{4,5},t=\d,p=\d\$[\w+/]{22,86}\$[\w+/]{43,86}$/,
    'Expected an argon2id hash of at most 99 999 KiB and 9 rounds.',
  );

export const ENTITY_TYPES: readonly EntityType[] = [
  entity('user', users, { secrets: ['passwordHash'], rules: { passwordHash } }),
  entity('identity', userIdentities),
  entity('team', teams),
  entity('member', teamMembers),
  entity('token', apiTokens, { secrets: ['tokenHash'] }),
  entity('project', projects, { rules: { key: projectKey } }),
  entity('attribute', contextAttributes, { rules: { name: attributeName } }),
  entity('environment', environments, { rules: { key: environmentKey } }),
  entity('segment', segments, { rules: { key: segmentKey } }),
  entity('segment-environment', segmentEnvironments, {
    rules: {
      include: segmentConfiguration.shape.include,
      exclude: segmentConfiguration.shape.exclude,
      when: condition.nullable(),
    },
  }),
  entity('flag', flags, { rules: { key: flagKey, variants, tags: texts, links: flagLinks } }),
  entity('flag-environment', flagEnvironments, { rules: flagConfiguration.shape }),
  entity('key', sdkKeys, { secrets: ['keyHash'], rules: { allowedOrigins: texts } }),
  entity('grant', grants, { rules: { actions: texts } }),
  entity('webhook', webhooks, {
    leftOut: ['failures', 'pausedUntil'],
    secrets: ['secret', 'url'],
    rules: { commands: texts, environments: texts, owners: texts },
  }),
];

/** Member of a line -> column, of what is exported: not what the database makes of other columns. */
export function exportedColumns({ table, leftOut }: EntityType): [name: string, column: PgColumn][] {
  const columns: [string, PgColumn][] = Object.entries(getTableColumns(table));
  return columns.filter(([name, { generated }]) => generated === undefined && !leftOut.includes(name));
}

/**
 * What a line of the type has to look like, made from the table. A column with a default may be missing: exports of servers
 * that did not have it yet are read as well.
 */
export function rowSchema(type: EntityType, { secrets }: { readonly secrets: boolean }): z.ZodType<Record<string, unknown>> {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, column] of exportedColumns(type)) {
    if (type.secrets.includes(name) && !secrets) continue;
    const rule = type.rules[name] ?? columnSchema(column);
    const nullable = column.notNull ? rule : rule.nullable();
    shape[name] = (column.hasDefault && !column.primary) || !column.notNull ? nullable.optional() : nullable;
  }
  // The text of what is served, where it is not what this version makes of the rest.
  if (BODY_TYPES.has(type.type)) shape.body = z.string().nullable().optional();
  return z.strictObject(shape);
}

/** Types whose lines may carry the body that is served. */
export const BODY_TYPES: ReadonlySet<string> = new Set(['segment-environment', 'flag-environment']);

function columnSchema(column: PgColumn): z.ZodType {
  if (column.enumValues !== undefined && column.enumValues.length > 0) return z.enum(column.enumValues as [string, ...string[]]);
  switch (column.dataType) {
    case 'string':
      return column.columnType === 'PgUUID' ? z.uuid() : z.string();
    case 'number':
      return z.int();
    case 'boolean':
      return z.boolean();
    case 'date':
      return z.iso.datetime();
    case 'json':
      return z.json();
    default:
      throw new Error(`An export cannot hold the column ${column.name} of type ${column.dataType}.`);
  }
}

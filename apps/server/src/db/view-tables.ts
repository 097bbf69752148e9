import { jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { at, id } from './columns.ts';
import { projects } from './schema.ts';

/** Filters of the list of flags under a name. Not entities: they change nothing that anybody is served. */
export const savedViews = pgTable(
  'saved_views',
  {
    id: id(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id),
    /** The person or token whose own it is; null: everybody's. No reference: either kind of actor may have views. */
    ownerId: uuid('owner_id'),
    name: text('name').notNull(),
    filter: jsonb('filter').$type<Record<string, string>>().notNull(),
    savedAt: at('saved_at').notNull(),
  },
  (table) => [unique('saved_views_name').on(table.projectId, table.ownerId, table.name).nullsNotDistinct()],
);

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.ts';

describe('the tables', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    const { sql } = database;
    await sql`insert into projects (key, name) values ('web', 'Web')`;
    await sql`insert into environments (project_id, key, name, position) select id, 'production', 'Production', 0 from projects`;
    await sql`insert into change_sets (command, actor_kind, actor, request_id) values ('createProject', 'system', 'test', 'r1')`;
    await sql`insert into changes (change_set_id, seq, kind, key) select id, 0, 'project', 'web' from change_sets`;
    await sql`insert into rule_objects select id, 1, 'flag', 'banner', '{}', 'tag' from environments`;
    await sql`insert into environment_revisions select environments.id, 1, change_sets.id from environments, change_sets`;
    await sql`select link_change_set('instance', id, 'recorded') from change_sets`;
    await sql`insert into audit_checkpoints (chain, seq, hash, mac) select chain, seq, hash, 'mac' from audit_links`;
    await sql`insert into reviews (change_set_id, cause, opened_at) select id, 'no_reason', now() from change_sets`;
  });
  afterAll(() => database.close());

  it.each([
    ['update change_sets set actor = $$nobody$$', 'change_sets is append-only: UPDATE'],
    ['delete from change_sets', 'change_sets is append-only: DELETE'],
    ['truncate change_sets cascade', 'is append-only: TRUNCATE'],
    ['update changes set key = $$other$$', 'changes is append-only: UPDATE'],
    ['delete from changes', 'changes is append-only: DELETE'],
    ['truncate changes', 'changes is append-only: TRUNCATE'],
    ['update rule_objects set body = null', 'rule_objects is append-only: UPDATE'],
    ['delete from rule_objects', 'rule_objects is append-only: DELETE'],
    ['truncate rule_objects', 'rule_objects is append-only: TRUNCATE'],
    ['update environment_revisions set revision = 2', 'environment_revisions is append-only: UPDATE'],
    ['delete from environment_revisions', 'environment_revisions is append-only: DELETE'],
    ['truncate environment_revisions', 'environment_revisions is append-only: TRUNCATE'],
    ['update audit_links set origin = $$adopted$$', 'audit_links is append-only: UPDATE'],
    ['delete from audit_links', 'audit_links is append-only: DELETE'],
    ['truncate audit_links', 'audit_links is append-only: TRUNCATE'],
    ['update audit_checkpoints set mac = $$other$$', 'audit_checkpoints is append-only: UPDATE'],
    ['delete from audit_checkpoints', 'audit_checkpoints is append-only: DELETE'],
    ['truncate audit_checkpoints', 'audit_checkpoints is append-only: TRUNCATE'],
    ['delete from reviews', 'reviews is append-only: DELETE'],
    ['truncate projects cascade', 'is append-only: TRUNCATE'],
  ])('refuse to rewrite history: %s', async (statement, message) => {
    await expect(database.sql.unsafe(statement)).rejects.toThrow(message);
  });

  it('keep the rows that a refused statement wanted to change', async () => {
    const rows = await database.sql`select actor, changes.key, body from change_sets, changes, rule_objects`;
    expect(rows).toEqual([{ actor: 'test', key: 'web', body: '{}' }]);
  });
});

import { pino } from 'pino';
import { expect, it } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import { migrateDatabase } from './migrate.ts';
import { readMigrations } from './migration-files.ts';

const log = pino({ level: 'silent' });
const BEFORE = readMigrations().slice(
  0,
  readMigrations().findIndex(({ tag }) => tag === '0010_scanned_parts'),
);

it('uploads of before are whole where their links name the repository as they do, and else say nothing', async () => {
  const database = await testDatabase({ migrated: false });
  await migrateDatabase(database.url, log, { migrations: BEFORE });
  const line = '/{path}#L{line}';
  const links: Record<string, string | null> = {
    'acme/shop': `https://github.com/Acme/Shop/blob/{commit}${line}`,
    'acme/group/api': `https://gitlab.example.com/acme/group/api/-/blob/{commit}${line}`,
    'acme/shop/web': `https://github.com/acme/shop/blob/{commit}${line}`,
    'acme/group': `https://gitlab.example.com/acme/group/api/-/blob/{commit}${line}`,
    shop: `https://github.com/acme/shop/blob/{commit}${line}`,
    'acme/a_b': `https://github.com/acme/aXb/blob/{commit}${line}`,
    'acme/own': `https://git.example.com/own/src/{commit}${line}`,
    'acme/none': null,
  };
  const [project] = await database.sql`insert into projects (key, name) values ('shop', 'Shop') returning id`;
  for (const [name, lineUrl] of Object.entries(links)) {
    const [row] = await database.sql`
      insert into repositories (project_id, name, line_url) values (${project?.id}, ${name}, ${lineUrl}) returning id`;
    await database.sql`
      insert into reference_sets (repository_id, commit, uploaded_at, uploaded_by, scanner, keys, "references", "left", hash)
      values (${row?.id}, ${'a'.repeat(40)}, now(), 'ci', '', '{}', 0, 0, '')`;
  }
  await migrateDatabase(database.url, log);
  const rows = await database.sql`
    select r.name, s.rest from reference_sets s join repositories r on r.id = s.repository_id where s.rest is not null order by r.name`;
  expect(rows.map(({ name, rest }) => [name, rest])).toEqual([
    ['acme/group/api', []],
    ['acme/shop', []],
  ]);
  await database.close();
});

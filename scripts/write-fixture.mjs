// @ts-check
/**
 * npm run db:fixture [-- --checkout /path/of/a/built/release]
 * Writes what a release leaves in its database: `migrations/fixtures/<version>.sql`, data only, and beside it in JSON what an
 * upgrade must keep. The release is this checkout or the one named; its demo project is flipped a little, so that it has a history.
 * Run it once for each release, before the next migration is made; afterwards the files stay as they are.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { spawnServer } from '../bench/crash/server.mjs';
import { connectToEmbedded } from './embedded-database.mjs';
import { root, temporaryDirectory } from './launch.mjs';

/** Both guard nothing but fixtures. */
const TOKEN = 'token-of-the-fixtures-of-releases';
const ENVIRONMENTS = ['development', 'staging', 'production'];
/** @param {string} environment */
const keyOf = (environment) => `ys_fixture-${environment}-server`;

const { values } = parseArgs({ options: { checkout: { type: 'string', default: root } } });
const checkout = path.resolve(values.checkout);
const { version } = JSON.parse(await readFile(path.join(checkout, 'apps/server/package.json'), 'utf8'));
const journal = JSON.parse(await readFile(path.join(checkout, 'migrations/meta/_journal.json'), 'utf8'));

const directory = await temporaryDirectory();
const server = spawnServer(
  directory.path,
  {
    YARDARM_DEMO: '1',
    YARDARM_BOOTSTRAP_TOKEN: TOKEN,
    YARDARM_BOOTSTRAP_KEYS: ENVIRONMENTS.map((key) => `shop/${key}/server=${keyOf(key)}`).join(),
  },
  checkout,
);
try {
  const url = await server.ready;
  for (const [flag, verb] of [
    ['recommendations', 'kill'],
    ['recommendations', 'unkill'],
    ['banner-text', 'kill'],
  ])
    await ask(`${url}/api/v1/projects/shop/flags/${flag}/environments/production/${verb}`, TOKEN, { reason: 'Fixture' });
  const ruleSets = [];
  for (const environment of ENVIRONMENTS) {
    const ruleSet = await ask(`${url}/sync/v1/ruleset`, keyOf(environment));
    const { epoch, revision } = ruleSet;
    ruleSets.push({ environment: `shop/${environment}`, key: keyOf(environment), epoch, revision, sha256: hashOf(ruleSet) });
  }
  const { text, counts } = await dump(directory.path);
  const kept = { release: version, lastMigration: journal.entries.at(-1).tag, ...counts, token: TOKEN, ruleSets };
  const folder = path.join(root, 'migrations/fixtures');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${version}.sql`), text);
  await writeFile(path.join(folder, `${version}.json`), `${JSON.stringify(kept, null, 2)}\n`);
  console.log(`migrations/fixtures/${version}.sql: ${text.length} bytes, ${counts.changes} changes, after ${kept.lastMigration}`);
} finally {
  await server.stop();
  await directory.remove();
}

/**
 * @param {string} url
 * @param {string} token
 * @param {object} [body] makes it a POST
 */
async function ask(url, token, body) {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} was answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** SHA-256 of all that SDKs evaluate, as canonical JSON: members in the order of their names. @param {{ flags: object, segments: object }} ruleSet */
function hashOf({ flags, segments }) {
  const sorted = (/** @type {string} */ _key, /** @type {unknown} */ value) =>
    value === null || typeof value !== 'object' || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify({ flags, segments }, sorted)).digest('hex');
}

/**
 * One INSERT for each row, so that a difference can be read; a table's rows in the order of their text.
 * @param {string} dataDirectory
 */
async function dump(dataDirectory) {
  const sql = connectToEmbedded(dataDirectory);
  try {
    const tables = await sql`
      select format('%I.%I', table_schema, table_name) as name, string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns,
        string_agg(format('quote_nullable(%I::text)', column_name), $$ || ', ' || $$ order by ordinal_position) as literals
      from information_schema.columns join information_schema.tables using (table_schema, table_name)
      where table_schema in ('public', 'drizzle') and table_type = 'BASE TABLE' and is_generated = 'NEVER'
      group by table_schema, table_name order by table_schema, table_name`;
    const lines = [];
    for (const { name, columns, literals } of tables) {
      const rows = await sql.unsafe(`select ${literals} as literals from ${name} order by 1`);
      for (const row of rows) lines.push(`insert into ${name} (${columns}) overriding system value values (${row.literals});`);
    }
    const sequences = await sql`
      select format('select setval(%L, %s);', format('%I.%I', schemaname, sequencename), last_value) as line
      from pg_sequences where schemaname in ('public', 'drizzle') and last_value is not null order by 1`;
    const [counts] =
      await sql`select (select count(*)::int from change_sets) as "changeSets", (select count(*)::int from changes) as changes`;
    return {
      text: `${[...lines, ...sequences.map(({ line }) => line)].join('\n')}\n`,
      counts: /** @type {{ changeSets: number, changes: number }} */ (counts),
    };
  } finally {
    await sql.end({ timeout: 1 });
  }
}

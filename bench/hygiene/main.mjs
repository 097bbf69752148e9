// @ts-check
/**
 * npm run bench:hygiene
 * The verdicts of a project with 5 000 flags and 3 environments, with evaluations of all of them and references of 3 places each: a page of
 * the list, all pages of it, the overview, the verdict on one flag and the document of a check, over HTTP, warm. Beside it the floor, a
 * bare select of one page of flags; what an upload of 15 000 references and one assessment of all flags take; and what references
 * of as many commits as are kept take on disk. Exit code 1 where a bar is missed.
 */
import { availableParallelism, loadavg } from 'node:os';
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { projects } from '../../apps/server/dist/db/schema.js';
import { assessProject } from '../../apps/server/dist/hygiene/assess-project.js';
import { connectToEmbedded } from '../../scripts/embedded-database.mjs';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { spawnServer, TOKEN } from '../crash/server.mjs';
import { createBars } from '../delivery/bars.mjs';
import { quantile } from '../flip/statistics.mjs';
import { FLAGS, seedFlags } from '../list-flags/seed-flags.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 100);
const WARM_UP_ROUNDS = 10;
const PLACES = 3;
/** As many commits of one repository as are kept at most, and heads of branches. */
const COMMITS = 500;
const BAR_MS = 100;
const BAR_MB = 250;

const directory = await temporaryDirectory();
const server = spawnServer(directory.path);
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
try {
  const url = await server.ready;
  const sql = connectToEmbedded(directory.path);
  await seedFlags(url, sql);
  await sql`
    insert into telemetry_last_evaluated (flag_id, environment_id, key_kind, rule_served_at, default_served_at)
    select c.flag_id, c.environment_id, kind, now() - (random() * 60) * interval '1 day', null
    from flag_environments c, unnest(array['server', 'client']) kind`;
  const keys = (await sql`select key from flags order by key`).map(({ key }) => String(key));
  const references = keys.flatMap((flagKey, flag) =>
    Array.from({ length: PLACES }, (_, place) => ({
      ...{
        flagKey,
        path: `packages/area-${flag % 40}/src/features/page-${flag}.tsx`,
        line: 10 + place * 17,
        column: 7,
        kind: 'call',
      },
      text: `  const isOn = client.getBooleanValue('${flagKey}', false, context);`,
    })),
  );
  const uploadMs = [];
  for (let commit = 0; commit < 5; commit += 1) {
    const body = {
      repository: 'acme/shop',
      branch: 'main',
      commit: String(commit).padStart(40, 'a'),
      isDefaultBranch: true,
      rest: [],
    };
    const beganMs = performance.now();
    await call('PUT', 'code-references', { ...body, references: references.slice(0, references.length - commit) });
    uploadMs.push(performance.now() - beganMs);
  }
  const assessMs = await assess(sql);

  const [project] = await sql`select id from projects where key = 'bench'`;
  const floor = () => sql`select * from flags where project_id = ${project?.id} and key > 'flag-02500' order by key limit 200`;
  /** @type {readonly (readonly [title: string, run: () => Promise<unknown>])[]} */
  const asked = [
    ['floor: select of 200 flags', floor],
    ['a page of 200 verdicts', () => call('GET', 'hygiene/flags?cursor=flag-02500')],
    ['the overview of 5 000', () => call('GET', 'hygiene')],
    ['the verdict on one flag', () => call('GET', `flags/${keys[2_500]}/verdict`)],
    ['check snapshot of 5 000', () => call('GET', 'check-snapshot')],
  ];
  /** @type {Map<string, number[]>} */
  const measured = new Map(asked.map(([title]) => [title, []]));
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (const [title, run] of asked) {
      const beganMs = performance.now();
      await run();
      if (round >= 0) measured.get(title)?.push(performance.now() - beganMs);
    }
  }
  const allMs = [];
  for (let round = 0; round < 5; round += 1) {
    const beganMs = performance.now();
    for (let /** @type {string | null} */ next = ''; next !== null; )
      next = (await call('GET', `hygiene/flags${next && `?cursor=${next}`}`)).next;
    allMs.push(performance.now() - beganMs);
  }
  await sql`
    insert into reference_sets (repository_id, commit, uploaded_at, uploaded_by, scanner, keys, "references", "left", hash)
    select s.repository_id, md5(n::text), s.uploaded_at, s.uploaded_by, s.scanner, s.keys, s."references", 0, md5(n::text)
    from (select * from reference_sets order by id desc limit 1) s, generate_series(1, ${COMMITS}) n`;
  const [disk] = await sql`
    select pg_total_relation_size('code_references')::float8 as places, pg_total_relation_size('reference_sets')::float8 as sets`;
  await sql.end();

  console.log(
    `\n${FLAGS} flags, 3 environments, ${references.length} references; ${ROUNDS} rounds after ${WARM_UP_ROUNDS} of warm-up. ` +
      `Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  console.log(['milliseconds'.padEnd(30), 'p50'.padStart(8), 'p95'.padStart(8), 'max'.padStart(8)].join(''));
  const bars = createBars();
  for (const [title, values] of measured) {
    const columns = [quantile(values, 0.5), quantile(values, 0.95), Math.max(...values)];
    console.log(title.padEnd(30) + columns.map((value) => value.toFixed(1).padStart(8)).join(''));
    if (title.startsWith('a page') || title.startsWith('the overview'))
      bars.check(`${title}, p95`, columns[1] ?? 0, BAR_MS, 'ms');
  }
  console.log(`all 25 pages of the list: ${quantile(allMs, 0.5).toFixed(0)} ms (median of ${allMs.length})`);
  console.log(`an upload of ${references.length} references: ${uploadMs.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  console.log(`an assessment of all flags, the first of which writes them: ${assessMs.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  const megabytes = (Number(disk?.places) + Number(disk?.sets)) / 1e6;
  console.log(
    `on disk: places of the head ${(Number(disk?.places) / 1e6).toFixed(1)} MB, keys of ${COMMITS} commits ${(Number(disk?.sets) / 1e6).toFixed(1)} MB`,
  );
  bars.check(`references of a repository with ${COMMITS} commits`, megabytes, BAR_MB, 'MB');
  process.exitCode = bars.conclude();
} finally {
  await server.stop();
  await directory.remove();
}

/** @param {import('postgres').Sql} sql */
async function assess(sql) {
  const db = drizzle(sql);
  const [project] = await db.select().from(projects).where(eq(projects.key, 'bench'));
  if (project === undefined) throw new Error('There is no project.');
  const tookMs = [];
  for (let round = 0; round < 5; round += 1) {
    const beganMs = performance.now();
    await assessProject(db, project, Date.now());
    tookMs.push(performance.now() - beganMs);
  }
  return tookMs;
}

/**
 * @param {string} method
 * @param {string} path below the project
 * @param {object} [body]
 */
async function call(method, path, body) {
  const response = await fetch(`${await server.ready}/api/v1/projects/bench/${path}`, {
    ...{ method, headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

// @ts-check
/**
 * npm run bench:list-flags: one page of the list of flags, of a project with 5 000 flags and 3 environments, over HTTP, warm,
 * by search and filters. Each round measures the floor as well: a bare select of one page by the index that the list is
 * ordered by. Exit code 1 where the 95th percentile of a list misses the bar.
 */
import { availableParallelism, loadavg } from 'node:os';
import { connectToEmbedded } from '../../scripts/embedded-database.mjs';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { spawnServer, TOKEN } from '../crash/server.mjs';
import { quantile } from '../flip/statistics.mjs';
import { FLAGS, seedFlags } from './seed-flags.mjs';

const ROUNDS = 100;
const WARM_UP_ROUNDS = 20;
const BAR_MS = 50;

/** Title and query; the search for one flag has to look at every other. */
const LISTS = /** @type {const} */ ([
  ['first page', ''],
  ['page of 200', 'limit=200'],
  ['search, many matches', 'q=check'],
  ['search, one match', 'q=flag-04711-'],
  ['search, no match', 'q=nowhere'],
  ['search and four filters', 'q=page&kind=release&type=boolean&environment=production&state=on&tag=team-3'],
  ['on in production', 'environment=production&state=on'],
  ['expiring, soonest first', 'lifecycle=expiring&sort=expiry'],
  ['newest first', 'sort=created'],
]);

const directory = await temporaryDirectory();
const server = spawnServer(directory.path);
try {
  const url = await server.ready;
  const sql = connectToEmbedded(directory.path);
  await seedFlags(url, sql);
  const [project] = await sql`select id from projects where key = 'bench'`;
  /** @param {string} after */
  const floor = (after) => sql`select * from flags where project_id = ${project?.id} and key > ${after} order by key limit 100`;
  const deep = await cursorAfter(url, 30);

  /** @type {Map<string, number[]>} */
  const measured = new Map();
  let matches = '';
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    if (round === 0) measured.clear();
    await measure(measured, 'floor: select of one page', () => floor('flag-02500'));
    for (const [title, query] of [...LISTS, /** @type {const} */ (['page 31', `cursor=${deep}`])]) {
      const count = await measure(measured, title, () => list(url, query));
      if (round === 0) matches += `${title}: ${count}, `;
    }
  }
  await sql.end();
  console.log(
    `\n${FLAGS} flags, 3 environments, ${ROUNDS} rounds after ${WARM_UP_ROUNDS} of warm-up. ` +
      `Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`,
  );
  console.log(`Flags on the page: ${matches.replace(/, $/, '')}\n`);
  console.log(['milliseconds'.padEnd(28), 'p50'.padStart(8), 'p95'.padStart(8), 'max'.padStart(8)].join(''));
  const late = [];
  for (const [title, values] of measured) {
    const columns = [quantile(values, 0.5), quantile(values, 0.95), Math.max(...values)];
    console.log(title.padEnd(28) + columns.map((value) => value.toFixed(1).padStart(8)).join(''));
    if ((columns[1] ?? 0) > BAR_MS) late.push(title);
  }
  console.log(`\nBar of ${BAR_MS} ms at p95 ${late.length === 0 ? 'held' : `missed: ${late.join(', ')}`}.`);
  process.exitCode = late.length === 0 ? 0 : 1;
} finally {
  await server.stop();
  await directory.remove();
}

/**
 * @template T
 * @param {Map<string, number[]>} into
 * @param {string} title
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
async function measure(into, title, run) {
  const beganMs = performance.now();
  const result = await run();
  const values = into.get(title) ?? [];
  values.push(performance.now() - beganMs);
  into.set(title, values);
  return result;
}

/**
 * @param {string} url
 * @param {string} query
 * @returns {Promise<number>} flags on the page
 */
async function list(url, query) {
  return (await page(url, query)).items.length;
}

/**
 * @param {string} url
 * @param {string} query
 * @returns {Promise<{ items: unknown[], next: string | null }>}
 */
async function page(url, query) {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await fetch(`${url}/api/v1/projects/bench/flags?${query}`, { headers });
  if (!response.ok) throw new Error(`GET flags?${query}: ${response.status} ${await response.text()}`);
  return /** @type {any} */ (response.json());
}

/**
 * @param {string} url
 * @param {number} pages
 */
async function cursorAfter(url, pages) {
  let cursor = '';
  for (let turned = 0; turned < pages; turned += 1) cursor = (await page(url, cursor && `cursor=${cursor}`)).next ?? '';
  return cursor;
}

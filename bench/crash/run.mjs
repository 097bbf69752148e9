// @ts-check
/**
 * Kills the server and its database at random moments under a steady load of writes, and asks after each round what
 * damage there is; at the end the server proves its audit chains. The database of a killed server lives on and is adopted by the next; a killed database is started
 * again by its server. `SIGQUIT` to the postmaster is what `pg_ctl stop -m immediate` sends: no checkpoint, recovery from the log.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { connectToEmbedded, postmasterPid } from '../../scripts/embedded-database.mjs';
import { waitUntil } from '../../scripts/launch.mjs';
import { verifyChains } from './audit.mjs';
import { findDamage, findUnexplained, readHead } from './oracle.mjs';
import { seededRandom } from './random.mjs';
import { startSdkReader } from './sdk-reader.mjs';
import { spawnServer } from './server.mjs';
import { startWriters } from './writers.mjs';

/** The next kill comes at most this long after everything was ready. */
const LONGEST_LIFE_MS = 1_000;
const KILLED_AT_START = 0.1;
/** How many of the writes before a kill are sent again after it. */
const REPEATED = 3;
const WARM_UP_MS = 1_000;
const STEADY_MS = 2_000;
const PATIENCE_MS = 60_000;

/**
 * @typedef {object} Report
 * @property {string[]} findings empty: no damage
 * @property {number} acknowledged writes
 * @property {number} retried of these: those whose first answer never came or was a refusal
 * @property {number} links of the audit chains, verified after the last kill
 * @property {number} repeated acknowledged writes that were sent again, and whose second answer was compared
 * @property {number} writesPerSecond acknowledged before the first kill
 * @property {number} killedAtStart of the kills of the server: those before it was ready
 * @property {number[]} restartsMs from the start of a server's process until it is ready
 * @property {number[]} recoveriesMs from the kill of PostgreSQL until it answers
 * @property {number[]} writesBackMs from there until a write was acknowledged
 * @property {number[]} sdkBackMs from there until SDKs are served the newest revision
 * @property {{ reads: number, failures: number, backward: number }} sdk reads of a rule set while PostgreSQL was killed
 *
 * @typedef {object} Options
 * @property {string} dataDirectory empty
 * @property {number} serverKills
 * @property {number} postgresKills
 * @property {number} seed
 * @property {number} writesPerSecond
 * @property {(line: string) => void} onProgress
 * @property {(sql: import('postgres').Sql, writes: readonly import('./writers.mjs').Write[], target: { url: string }) => Promise<void>} [atEnd]
 *   after the last check, while the server and its database run
 */

/**
 * @param {Options} options
 * @returns {Promise<Report>}
 */
export async function runCrashes({ dataDirectory, serverKills, postgresKills, seed, writesPerSecond, onProgress, atEnd }) {
  const random = seededRandom(seed);
  const life = () => sleep(random() * LONGEST_LIFE_MS);
  /** @type {Report} */
  const report = {
    ...{ findings: [], acknowledged: 0, retried: 0, repeated: 0, links: 0, writesPerSecond: 0, killedAtStart: 0 },
    ...{ restartsMs: [], recoveriesMs: [], writesBackMs: [], sdkBackMs: [], sdk: { reads: 0, failures: 0, backward: 0 } },
  };
  const { findings } = report;
  let server = spawnServer(dataDirectory);
  try {
    const target = { url: await server.ready };
    const onError = (/** @type {Error} */ error) => findings.push(error.message);
    const writers = await startWriters({ target, random: seededRandom(seed + 1), writesPerSecond, onError });
    const { acknowledged } = writers;
    let checked = 0;
    const check = async () => {
      const recent = acknowledged.slice(checked);
      checked = acknowledged.length;
      findings.push(...(await inSnapshot(dataDirectory, (sql) => findDamage(sql, recent))));
    };
    const progress = (/** @type {number} */ round, /** @type {string} */ what) =>
      onProgress(`${round} kills of ${what}: ${acknowledged.length} writes acknowledged, ${findings.length} findings`);

    await sleep(WARM_UP_MS);
    const before = acknowledged.length;
    await sleep(STEADY_MS);
    report.writesPerSecond = ((acknowledged.length - before) * 1_000) / STEADY_MS;

    for (let round = 1; round <= serverKills; round += 1) {
      await life();
      const last = acknowledged.slice(-REPEATED);
      await kill(server);
      while (random() < KILLED_AT_START && round < serverKills) {
        round += 1;
        report.killedAtStart += 1;
        server = spawnServer(dataDirectory);
        await life();
        await kill(server);
      }
      const startedMs = performance.now();
      server = spawnServer(dataDirectory);
      target.url = await server.ready;
      report.restartsMs.push(performance.now() - startedMs);
      for (const write of last) {
        const answer = await writers.repeat(write);
        if (!isDeepStrictEqual(answer, write.answer))
          findings.push(`${write.id} was answered ${JSON.stringify(write.answer)} and later ${JSON.stringify(answer)}`);
      }
      report.repeated += last.length;
      await check();
      if (round % 25 === 0 || round === serverKills) progress(round, 'the server');
    }

    const reader = await startSdkReader(target);
    for (let round = 1; round <= postgresKills; round += 1) {
      await life();
      const killedMs = performance.now();
      await killPostgres(dataDirectory);
      const upMs = performance.now();
      report.recoveriesMs.push(upMs - killedMs);
      const isBack = () => (acknowledged.at(-1)?.acknowledgedMs ?? 0) > upMs;
      await waitUntil(isBack, PATIENCE_MS, () => `a write after kill ${round} of PostgreSQL`);
      report.writesBackMs.push(performance.now() - upMs);
      const revision = await withDatabase(dataDirectory, readHead);
      await waitUntil(
        () => reader.revision() >= revision,
        PATIENCE_MS,
        () => `revision ${revision} to reach SDKs`,
      );
      report.sdkBackMs.push(performance.now() - upMs);
      await check();
      if (round % 10 === 0 || round === postgresKills) progress(round, 'PostgreSQL');
    }
    await reader.stop();
    report.sdk = reader.counts;

    await writers.stop();
    checked = 0;
    await check();
    findings.push(...(await inSnapshot(dataDirectory, (sql) => findUnexplained(sql, acknowledged.length))));
    const chains = await verifyChains(target);
    findings.push(...chains.findings);
    report.links = chains.links;
    report.acknowledged = acknowledged.length;
    report.retried = acknowledged.filter(({ attempts }) => attempts > 1).length;
    if (atEnd !== undefined) await withDatabase(dataDirectory, (sql) => atEnd(sql, acknowledged, target));
    return report;
  } catch (error) {
    onProgress(server.output().split('\n').slice(-20).join('\n'));
    throw error;
  } finally {
    await server.stop();
  }
}

/** @param {import('./server.mjs').ServerProcess} server */
async function kill(server) {
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
}

/** Resolves once it answers again. @param {string} dataDirectory */
async function killPostgres(dataDirectory) {
  const killed = postmasterPid(dataDirectory);
  process.kill(killed, 'SIGQUIT');
  const answers = async () => {
    try {
      if (postmasterPid(dataDirectory) === killed) return false;
      await withDatabase(dataDirectory, (sql) => sql`select 1`);
      return true;
    } catch {
      return false;
    }
  };
  await waitUntil(answers, PATIENCE_MS, () => `PostgreSQL after the kill of process ${killed}`);
}

/**
 * @template T
 * @param {string} dataDirectory
 * @param {(sql: import('postgres').TransactionSql) => Promise<T>} work
 */
function inSnapshot(dataDirectory, work) {
  return withDatabase(dataDirectory, (sql) => sql.begin('isolation level repeatable read read only', work));
}

/**
 * @template T
 * @param {string} dataDirectory
 * @param {(sql: import('postgres').Sql) => Promise<T>} work
 */
async function withDatabase(dataDirectory, work) {
  const sql = connectToEmbedded(dataDirectory);
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

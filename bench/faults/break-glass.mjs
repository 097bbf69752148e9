// @ts-check
/**
 * Row 38: identity provider, webhook target, the browsers of the admin UI, and what else the server does in its database hang, each by itself,
 * and somebody has a break-glass token and curl. What hangs takes connections and says nothing; of the admin UI, which the server itself
 * serves, it is browsers that read nothing; of the database, every connection but those of kills and of what tells SDKs of changes, while
 * none is added and as many requests wait as are let in.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectToEmbedded, postmasterPid } from '../../scripts/embedded-database.mjs';
import { waitUntil } from '../../scripts/launch.mjs';
import { call, mustCall } from '../crash/call.mjs';
import { TOKEN } from '../crash/server.mjs';
import { startFleet } from '../delivery/fleet.mjs';
import { FLAGS_PATH, readReceipts, readState, SWITCH } from '../delivery/test-bed.mjs';
import { untilApplied, withServer } from './bed.mjs';
import { cutSocket } from './cut-socket.mjs';
import { METRICS_ENV, sumMetrics } from './read-metric.mjs';

const SIGN_INS = 5;
/** More than a server answers at the same time. */
const WAITING = 120;
const BROWSERS = 50;
const ON_CALL = 'on call';
const KILL_BAR_MS = 1_000;
/** Of the receipts: their 99th percentile is within the bar. */
const LATE_BAR = 0.01;
const PATIENCE_MS = 20_000;
/** For the requests to arrive. */
const SETTLE_MS = 200;
/** Nothing goes on by itself before. */
const HANG_MS = 5_000;

/** `kills`: while each of them hangs. */
export async function breakGlass({ sockets = 10_000, kills = 5 } = {}) {
  const [provider, webhook] = [await startTarpit(), await startTarpit()];
  const env = {
    YARDARM_OIDC_ISSUER: `http://${provider.address}`,
    YARDARM_OIDC_CLIENT_ID: 'yardarm',
    YARDARM_PUBLIC_URL: 'http://localhost',
    YARDARM_WEBHOOK_ALLOW: webhook.address,
    ...METRICS_ENV,
  };
  /** @type {Set<import('node:net').Socket>} */
  const browsers = new Set();
  const fleet = startFleet(sockets);
  try {
    return await withServer(async ({ target, port, key, directory }) => {
      const token = await mustCall(target, { method: 'POST', path: '/tokens', body: { name: ON_CALL, kind: 'break_glass' } });
      const authorization = `Bearer ${/** @type {{ secret: string }} */ (token.body).secret}`;
      const url = `${target.url.replace('http', 'ws')}/sync/v1/stream`;
      await fleet.open({ group: 'readers', url, count: sockets, key, have: await readState(target, key) });

      const signIn = async () => {
        for (let count = 0; count < SIGN_INS; count += 1)
          void fetch(`${target.url}/api/v1/oidc/sign-in`, { redirect: 'manual' }).catch(() => undefined);
      };
      let webhooks = 0;
      /** Told of the next change. One that hung before is not tried again for a while. */
      const addWebhook = async () => {
        webhooks += 1;
        const body = { name: `Down ${webhooks}`, url: `http://${webhook.address}` };
        await mustCall(target, { method: 'POST', path: FLAGS_PATH.replace('/flags', '/webhooks'), body });
      };
      const dependencies = [
        { name: 'identity provider', hang: signIn, stuck: provider.stuck },
        { name: 'webhook target', hang: addWebhook, stuck: webhook.stuck },
        { name: 'admin UI', hang: () => browse(port, browsers), stuck: browsers },
        { name: 'rest of the database', stop: () => stopConnections(target, directory) },
      ];
      const path = `${FLAGS_PATH}/${SWITCH}/environments/production`;
      const measures = [];
      let recorded = 0;
      for (const { name, hang, stuck, stop } of dependencies) {
        /** @type {number[][]} */
        const [slowestMs = [], answeredMs = []] = [[], []];
        let [receipts, inTime] = [0, 0];
        for (let count = 0; count < kills; count += 1) {
          if (stuck?.size === 0) await hang?.();
          const unkilled = await mustCall(target, { method: 'POST', path: `${path}/unkill`, body: {} });
          const { revision } = /** @type {{ revision: number }} */ (unkilled.body);
          await untilApplied(target, sockets);
          await waitUntil(
            async () => stuck?.size !== 0,
            PATIENCE_MS,
            () => `the ${name} to hang`,
          );
          const before = await countReceipts(target);
          const arrived = fleet.untilAll('readers', revision + 1);
          const resume = await stop?.();
          const askedMs = performance.now();
          const killing = call(target, { method: 'POST', path: `${path}/kill`, headers: { authorization } }).then(
            ({ status }) => {
              answeredMs.push(status === 200 ? performance.now() - askedMs : Number.POSITIVE_INFINITY);
            },
          );
          try {
            await Promise.race([Promise.all([killing, arrived]), sleep(HANG_MS)]);
            // The receipts too arrive while it hangs: what was waiting would come before them.
            if (resume !== undefined) await sleep(KILL_BAR_MS);
          } finally {
            await resume?.();
          }
          await killing;
          recorded += await countRecords(directory, revision + 1);
          await untilApplied(target, sockets);
          const after = await countReceipts(target);
          receipts += after.all - before.all;
          inTime += after.inTime - before.inTime;
          slowestMs.push((await readReceipts(target)).server.slowestMs ?? Number.NaN);
        }
        measures.push(
          {
            title: `${name} hangs: kill answered, slowest of ${kills}`,
            value: Math.max(...answeredMs),
            atMost: KILL_BAR_MS,
            unit: 'ms',
          },
          {
            title: `${name} hangs: share of ${receipts} receipts that came later than ${KILL_BAR_MS} ms after the commit (slowest: ${Math.max(...slowestMs).toFixed(0)} ms)`,
            value: receipts < sockets * kills ? 1 : 1 - inTime / receipts,
            atMost: LATE_BAR,
            unit: '',
          },
        );
        for (const socket of stuck ?? []) cutSocket(socket);
        stuck?.clear();
      }
      const made = kills * dependencies.length;
      const missing = {
        title: `of ${made} kills without a record of their own transaction`,
        value: made - recorded,
        atMost: 0,
        unit: '',
      };
      return [...measures, missing];
    }, env);
  } finally {
    await fleet.stop();
    provider.close();
    webhook.close();
    for (const socket of browsers) cutSocket(socket);
  }
}

/** @param {{ url: string }} target */
async function countReceipts(target) {
  const inTime = await sumMetrics(target, `yardarm_convergence_seconds_bucket{le="${KILL_BAR_MS / 1e3}",`);
  return { inTime, all: await sumMetrics(target, 'yardarm_convergence_seconds_count{') };
}

/** Takes every connection and never says a word. */
async function startTarpit() {
  /** @type {Set<import('node:net').Socket>} */
  const stuck = new Set();
  const listener = createServer((socket) => {
    stuck.add(socket);
    socket.on('error', () => undefined).on('close', () => stuck.delete(socket));
    // Else nobody would notice that the other end has left.
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    address: `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (listener.address()).port}`,
    stuck,
    close: () => {
      listener.close();
      for (const socket of stuck) cutSocket(socket);
    },
  };
}

/** Each opens the stream of the project and reads nothing of it. @param {number} port @param {Set<import('node:net').Socket>} browsers */
async function browse(port, browsers) {
  for (let count = 0; count < BROWSERS; count += 1) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const path = FLAGS_PATH.replace('/flags', '/stream');
    socket.write(`GET /api/v1${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    await once(socket, 'readable');
    browsers.add(socket);
  }
}

/**
 * Under a server with requests for all that it may have: as long as they stand, whoever needs another connection than those that are left waits.
 * @param {{ url: string }} target
 * @param {string} directory of its database
 * @returns {Promise<() => Promise<void>>} lets them go on
 */
async function stopConnections({ url }, directory) {
  const read = () =>
    fetch(`${url}/api/v1${FLAGS_PATH}`, { headers: { authorization: `Bearer ${TOKEN}` } }).then((answer) => answer.text());
  const readAll = () => Promise.all(Array.from({ length: WAITING }, read));
  // So that every connection is open.
  await readAll();
  const sql = connectToEmbedded(directory);
  const others = await sql`
    select pid from pg_stat_activity
    where datname = current_database() and application_name ~ '^yardarm( rule sets| telemetry| hygiene)? [0-9a-f]{8}$'`;
  await sql.end({ timeout: 1 });
  const pids = [postmasterPid(directory), ...others.map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const waiting = readAll();
  await sleep(SETTLE_MS);
  return async () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await waiting;
  };
}

/**
 * Whether the kill that made the revision is on record, by whom it was, in the very transaction that made it the newest.
 * @param {string} directory
 * @param {number} revision
 */
async function countRecords(directory, revision) {
  const sql = connectToEmbedded(directory);
  try {
    const rows = await sql`
      select 1 from change_sets s
      join changes c on c.change_set_id = s.id and c.xmin = s.xmin
      join audit_links l on l.change_set_id = s.id and l.xmin = s.xmin
      join environment_revisions r on r.change_set_id = s.id and r.xmin = s.xmin
      join environment_heads h on h.environment_id = r.environment_id and h.revision = r.revision and h.xmin = s.xmin
      where r.revision = ${revision} and s.command = 'flag.kill' and s.actor_kind = 'token' and s.actor = ${ON_CALL}`;
    return rows.length;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

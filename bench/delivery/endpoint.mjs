// @ts-check
/**
 * npm run bench:endpoint -- [--flags 1000] [--rounds 7]
 * Requests a second of the rule-set endpoint, gzip and 304, beside a bare node:http server that sends the same bytes with
 * the same headers; the first answer after a change; and what a refused handshake costs the server. Server, bare server and
 * load are processes of their own, and take turns. Exit code 1 where a bar is missed.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { parseArgs } from 'node:util';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { spawnServer } from '../crash/server.mjs';
import { quantile, table } from '../flip/statistics.mjs';
import { createBars } from './bars.mjs';
import { startChild } from './fleet.mjs';
import { machineLine } from './machine.mjs';
import { createFlipper, makeTestBed } from './test-bed.mjs';

/** At least 60 % of the bare server's requests. */
const TIMES_BAR = 1 / 0.6;
const FIRST_ANSWER_BAR_MS = 10;
const REFUSAL_BAR_MS = 0.2;
const CONNECTIONS = 32;
const ROUND_MS = 2_000;
const CHANGES = 30;
const REFUSALS = 5_000;
/** Of /proc/<pid>/stat. */
const CLOCK_TICK_MS = 10;

const { values } = parseArgs({
  options: { flags: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '7' } },
});
const directory = await temporaryDirectory();
const server = spawnServer(directory.path, { YARDARM_HANDSHAKES_PER_SECOND: '1' });
const floor = startChild('endpoint-floor.mjs');
const load = startChild('endpoint-load.mjs');
const bars = createBars();
try {
  const target = { url: await server.ready };
  const key = await makeTestBed(target, Number(values.flags));
  const flip = createFlipper(target);
  await flip();
  const product = { port: Number(new URL(target.url).port), key };
  const bare = { port: await floor.ask('port'), key };

  const gzip = { 'Accept-Encoding': 'gzip' };
  await get(product, gzip);
  const whole = await get(product, gzip);
  const known = { ...gzip, 'If-None-Match': whole.etag };
  const unchanged = await get(product, known);
  await floor.ask('serve', { headers: whole.headers, unchanged: unchanged.headers, body: whole.body.toString('base64') });

  /** @type {{ gzip: number[], gzipFloor: number[], unchanged: number[], unchangedFloor: number[] }} */
  const rates = { gzip: [], gzipFloor: [], unchanged: [], unchangedFloor: [] };
  const run = (/** @type {typeof product} */ at, /** @type {Record<string, string>} */ headers) =>
    load.ask('run', { ...loadOf(at, headers), ms: ROUND_MS });
  for (let round = -1; round < Number(values.rounds); round += 1) {
    const measured = {
      gzip: await run(product, gzip),
      gzipFloor: await run(bare, gzip),
      unchanged: await run(product, known),
      unchangedFloor: await run(bare, known),
    };
    if (round < 0) continue;
    for (const name of /** @type {(keyof typeof rates)[]} */ (Object.keys(rates))) rates[name].push(measured[name]);
  }

  /** @type {number[]} */
  const firsts = [];
  for (let change = -5; change < CHANGES; change += 1) {
    const { revision } = await flip();
    // Not asked of the rule set, which must not have been rendered before.
    while (Number((await get(product, {}, '/sync/v1/kills')).state.split('.')[1]) < revision);
    const ms = await load.ask('once', loadOf(product, gzip));
    if (change >= 0) firsts.push(ms);
  }

  const upgrade = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
  };
  const handshake = { ...loadOf(product, upgrade, '/sync/v1/stream'), count: REFUSALS };
  await load.ask('refused', { ...handshake, count: 500 });
  const beforeMs = cpuMs(server.pid);
  const statuses = await load.ask('refused', handshake);
  const refusalMs = (cpuMs(server.pid) - beforeMs) / REFUSALS;

  console.log(`\n${values.flags} flags, gzip ${whole.body.length} bytes, ${CONNECTIONS} connections. ${machineLine()}\n`);
  console.log(
    table([
      ['requests/s, gzip', rates.gzip],
      ['requests/s, gzip, bare server', rates.gzipFloor],
      ['requests/s, 304', rates.unchanged],
      ['requests/s, 304, bare server', rates.unchangedFloor],
      ['first answer after a change, ms', firsts],
    ]).replace('milliseconds', '            '),
  );
  console.log(`\nRefused handshakes: ${JSON.stringify(statuses)}, ${refusalMs.toFixed(3)} ms of the server's processor each.`);
  const timesBare = (/** @type {number[]} */ ours, /** @type {number[]} */ bareRates) =>
    quantile(
      bareRates.map((rate, round) => rate / (ours[round] ?? Number.NaN)),
      0.5,
    );
  bars.check('requests/s of the bare server by ours, gzip', timesBare(rates.gzip, rates.gzipFloor), TIMES_BAR, 'times');
  bars.check('requests/s of the bare server by ours, 304', timesBare(rates.unchanged, rates.unchangedFloor), TIMES_BAR, 'times');
  bars.check('first answer after a change, median', quantile(firsts, 0.5), FIRST_ANSWER_BAR_MS, 'ms');
  bars.check('a refused handshake', refusalMs, REFUSAL_BAR_MS, 'ms of processor');
  process.exitCode = bars.conclude();
} finally {
  await Promise.all([load.stop(), floor.stop(), server.stop()]);
  await directory.remove();
}

/**
 * @param {{ port: number, key: string }} at
 * @param {Record<string, string>} headers
 * @param {string} path
 */
function loadOf({ port, key }, headers, path = '/sync/v1/ruleset') {
  const lines = Object.entries({ Host: 'localhost', Authorization: `Bearer ${key}`, ...headers });
  const text = [`GET ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), '\r\n'].join('\r\n');
  return { host: '127.0.0.1', port, request: text, connections: CONNECTIONS };
}

/**
 * Not fetch, which undoes the encoding.
 * @param {{ port: number, key: string }} at
 * @param {Record<string, string>} headers
 * @param {string} path
 * @returns {Promise<{ headers: string[], etag: string, state: string, body: Buffer }>} headers without those that Node adds
 */
function get({ port, key }, headers, path = '/sync/v1/ruleset') {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, headers: { authorization: `Bearer ${key}`, ...headers } },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          /** @type {string[]} */
          const kept = [];
          for (let at = 0; at < response.rawHeaders.length; at += 2) {
            const [name = '', value = ''] = response.rawHeaders.slice(at, at + 2);
            if (!['date', 'connection', 'keep-alive'].includes(name.toLowerCase())) kept.push(name, value);
          }
          const { etag = '', 'yardarm-state': state = '' } = response.headers;
          resolve({ headers: kept, etag, state: String(state), body: Buffer.concat(chunks) });
        });
      },
    );
    sent.on('error', reject).end();
  });
}

/** Of user and system together. @param {number} pid */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}

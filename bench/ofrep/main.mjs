// @ts-check
/**
 * npm run bench:ofrep -- [--flags 1000] [--rounds 5]
 * Requests a second of a single evaluation over HTTP, beside a bare Fastify route that echoes the same JSON; both are processes of their
 * own, loaded in turns by autocannon. A bulk evaluation of all flags, and its 304, are told and not judged. Exit code 1 where the bar is missed.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { mustCall } from '../crash/call.mjs';
import { spawnServer } from '../crash/server.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { machineLine } from '../delivery/machine.mjs';
import { FLAGS_PATH, makeTestBed, SWITCH } from '../delivery/test-bed.mjs';
import { aligned } from '../evaluator/report.mjs';
import { quantile } from '../flip/statistics.mjs';

/** Of the echo's requests a second. */
const LEAST_SHARE = 0.6;
const CONNECTIONS = 32;
const ROUND_SECONDS = 3;
const BODY = JSON.stringify({ context: { targetingKey: 'user-4711', plan: 'gold', country: 'de', age: 41 } });

const run = promisify(execFile);
const { values } = parseArgs({
  options: { flags: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '5' } },
});
const directory = await temporaryDirectory();
const server = spawnServer(directory.path, { YARDARM_OFREP_PER_SECOND: '999999' });
const echo = startChild('../ofrep/echo.mjs');
let exitCode = 1;
try {
  const target = { url: await server.ready };
  const key = await makeTestBed(target, Number(values.flags));
  const rules = [{ id: 'gold', when: { attribute: 'plan', op: 'equals', values: ['gold'] }, serve: { variant: 'on' } }];
  const path = `${FLAGS_PATH}/${SWITCH}/environments/production`;
  await mustCall(target, { method: 'PATCH', path, body: { rules }, headers: { 'if-match': '"v1"' } });
  await mustCall(target, { method: 'POST', path: `${path}/unkill`, body: {} });
  const single = `${target.url}/ofrep/v1/evaluate/flags/${SWITCH}`;
  const bulk = `${target.url}/ofrep/v1/evaluate/flags`;
  const floor = `http://127.0.0.1:${await echo.ask('port')}/echo`;
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(single, { method: 'POST', headers, body: BODY });
  const decided = /** @type {{ value: unknown, reason: string }} */ (await answer.json());
  if (decided.value !== true || decided.reason !== 'TARGETING_MATCH') throw new Error(`not decided: ${JSON.stringify(decided)}`);
  const etag = (await fetch(bulk, { method: 'POST', headers, body: BODY })).headers.get('etag') ?? '';

  /** @type {{ echo: number[], single: number[], bulk: number[], unchanged: number[] }} */
  const rates = { echo: [], single: [], bulk: [], unchanged: [] };
  for (let round = -1; round < Number(values.rounds); round += 1) {
    const measured = {
      echo: await load(floor, headers),
      single: await load(single, headers),
      bulk: await load(bulk, headers),
      unchanged: await load(bulk, { ...headers, 'if-none-match': etag }, 304),
    };
    if (round < 0) continue;
    for (const name of /** @type {(keyof typeof rates)[]} */ (Object.keys(rates))) rates[name].push(measured[name]);
  }
  const ratios = rates.single.map((rate, round) => rate / (rates.echo[round] ?? Number.NaN));
  const median = (/** @type {number[]} */ list) => quantile(list, 0.5);
  console.log(
    `\nRequests a second, autocannon, ${CONNECTIONS} connections, ${values.flags} flags, median of ${values.rounds} rounds of ${ROUND_SECONDS} s\n`,
  );
  console.log(
    aligned([
      ['bare Fastify route, echo', median(rates.echo).toFixed(0)],
      ['single evaluation', median(rates.single).toFixed(0)],
      [`bulk evaluation of ${values.flags} flags`, median(rates.bulk).toFixed(0)],
      ['bulk evaluation, 304', median(rates.unchanged).toFixed(0)],
    ]),
  );
  const share = median(ratios);
  const met = share >= LEAST_SHARE;
  const spread = `${quantile(ratios, 0).toFixed(2)} to ${quantile(ratios, 1).toFixed(2)}`;
  console.log(
    `\n${met ? 'met   ' : 'MISSED'}  single evaluation: ${share.toFixed(2)} of the echo (${spread}), at least ${LEAST_SHARE}`,
  );
  console.log(machineLine());
  exitCode = met ? 0 : 1;
} finally {
  await Promise.all([server.stop(), echo.stop()]);
  await directory.remove();
}
process.exitCode = exitCode;

/**
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {number} status
 * @returns {Promise<number>} answers a second
 */
async function load(url, headers, status = 200) {
  const program = fileURLToPath(import.meta.resolve('autocannon'));
  const sent = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
  const sizes = ['-c', String(CONNECTIONS), '-d', String(ROUND_SECONDS)];
  const { stdout } = await run(process.execPath, [program, '-j', '-m', 'POST', ...sizes, ...sent, '-b', BODY, url]);
  /** @type {{ errors: number, requests: { average: number }, statusCodeStats: Record<string, { count: number }> }} */
  const { errors, requests, statusCodeStats } = JSON.parse(stdout);
  const statuses = Object.keys(statusCodeStats);
  if (errors > 0 || statuses.some((code) => code !== String(status)))
    throw new Error(`${url}: ${errors} errors, statuses ${statuses}`);
  return requests.average;
}

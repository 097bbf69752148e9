// @ts-check
/**
 * npm run bench:webhooks -- [--flips 500]
 * Flips two flags by turns: one in a project without webhooks, one in a project whose webhook leads to a target that takes every
 * connection and never answers. Both are measured in the same run, so that a busy machine slows both. Exit code 1 where the median
 * or the 99th percentile beside the tarpit is more than a tenth and a millisecond above the other.
 */
import { createServer } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { mustCall } from '../crash/call.mjs';
import { spawnServer } from '../crash/server.mjs';
import { quantile, table } from '../flip/statistics.mjs';

const { values } = parseArgs({ options: { flips: { type: 'string', default: '500' } } });
const WARM_UP = 50;
const SLACK = 1.1;
const SLACK_MS = 1;

let connections = 0;
const tarpit = createServer((socket) => {
  connections++;
  socket.on('error', () => undefined);
  socket.resume();
});
await new Promise((resolve) => tarpit.listen(0, '127.0.0.1', () => resolve(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (tarpit.address());

const directory = await temporaryDirectory();
const server = spawnServer(directory.path, { YARDARM_WEBHOOK_ALLOW: `127.0.0.1:${port}`, YARDARM_NIGHTLY_EXPORT: '0' });
try {
  const target = { url: await server.ready };
  for (const project of ['quiet', 'told']) await makeProject(target, project);
  const webhook = { name: 'Tarpit', url: `http://127.0.0.1:${port}/` };
  await mustCall(target, { method: 'POST', path: '/projects/told/webhooks', body: webhook });
  /** @type {{ quiet: number[], told: number[] }} */
  const measured = { quiet: [], told: [] };
  for (let flip = -WARM_UP; flip < Number(values.flips); flip++) {
    if (flip === 0) for (const times of Object.values(measured)) times.length = 0;
    const projects = /** @type {('quiet' | 'told')[]} */ (flip % 2 === 0 ? ['quiet', 'told'] : ['told', 'quiet']);
    for (const project of projects) measured[project].push(await flipOnce(target, project, flip % 2 === 0 ? 'unkill' : 'kill'));
  }
  console.log(`Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`);
  console.log(
    table([
      ['without a webhook', measured.quiet],
      ['beside a tarpit', measured.told],
    ]),
  );
  let missed = false;
  for (const share of [0.5, 0.99]) {
    const [without, beside] = [quantile(measured.quiet, share), quantile(measured.told, share)];
    missed ||= beside > without * SLACK + SLACK_MS;
    console.log(`p${share * 100}: ${without.toFixed(2)} ms without, ${beside.toFixed(2)} ms beside the tarpit.`);
  }
  console.log(`The tarpit took ${connections} connections.`);
  process.exitCode = missed || connections === 0 ? 1 : 0;
} finally {
  await server.stop();
  tarpit.close();
  await directory.remove();
}

/** @param {{ url: string }} target @param {string} project */
async function makeProject(target, project) {
  await mustCall(target, { method: 'POST', path: '/projects', body: { key: project, name: project } });
  await mustCall(target, {
    method: 'POST',
    path: `/projects/${project}/environments`,
    body: { key: 'production', name: 'Production' },
  });
  const body = { key: 'checkout', kind: 'operational', variants: { on: true, off: false } };
  await mustCall(target, { method: 'POST', path: `/projects/${project}/flags`, body });
}

/** @param {{ url: string }} target @param {string} project @param {'kill' | 'unkill'} verb @returns {Promise<number>} milliseconds */
async function flipOnce(target, project, verb) {
  const startedMs = performance.now();
  await mustCall(target, {
    method: 'POST',
    path: `/projects/${project}/flags/checkout/environments/production/${verb}`,
    body: {},
  });
  return performance.now() - startedMs;
}

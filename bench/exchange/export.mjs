// @ts-check
/**
 * npm run bench:export -- [--flags 5000] [--environments 3]
 * Makes an instance, exports it with the command line, imports the file into another one, and compares the SHA-256 over all
 * bodies; with times, the file's size and the largest memory of both servers. Exit code 1 where the two differ.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, temporaryDirectory } from '../../scripts/launch.mjs';
import { mustCall } from '../crash/call.mjs';
import { spawnServer, TOKEN } from '../crash/server.mjs';

const { values } = parseArgs({
  options: { flags: { type: 'string', default: '5000' }, environments: { type: 'string', default: '3' } },
});
const flags = Number(values.flags);
const environments = Number(values.environments);
/** Every so many flags have rules. */
const RULES_EVERY = 5;
const AT_ONCE = 4;
const OWN_EXPORTS = { YARDARM_NIGHTLY_EXPORT: '0' };

const [first, second] = [await temporaryDirectory(), await temporaryDirectory()];
const servers = [spawnServer(first.path, OWN_EXPORTS)];
try {
  const source = { url: await /** @type {import('../crash/server.mjs').ServerProcess} */ (servers[0]).ready };
  await makeInstance(source);
  console.log(`Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`);
  console.log(`${flags} flags x ${environments} environments.`);
  const file = join(first.path, 'export.jsonl');
  const before = await memoryOf(servers[0]);
  const exported = await timed(() => yardarm(source, ['export', '--json', '--with-secrets', '--out', file]));
  const megabytes = (await stat(file)).size / 2 ** 20;
  console.log(
    `Export ${exported.ms.toFixed(0)} ms, ${megabytes.toFixed(1)} MiB; largest memory of the server ${before} -> ${await memoryOf(servers[0])}.`,
  );

  servers.push(spawnServer(second.path, OWN_EXPORTS));
  const target = { url: await /** @type {import('../crash/server.mjs').ServerProcess} */ (servers[1]).ready };
  const empty = await memoryOf(servers[1]);
  const imported = await timed(() => yardarm(target, ['import', '--json', file]));
  console.log(`Import ${imported.ms.toFixed(0)} ms; largest memory of the server ${empty} -> ${await memoryOf(servers[1])}.`);
  const again = await timed(() =>
    yardarm(target, ['export', '--json', '--with-secrets', '--out', join(second.path, 'again.jsonl')]),
  );
  console.log(`SHA-256 over all bodies: ${exported.answer.bodies} before, ${again.answer.bodies} after.`);
  process.exitCode = exported.answer.bodies === again.answer.bodies && imported.answer.bodies === again.answer.bodies ? 0 : 1;
} finally {
  for (const server of servers) await server.stop();
  await first.remove();
  await second.remove();
}

/** @param {{ url: string }} target */
async function makeInstance(target) {
  /** @param {string} path @param {object} body */
  const post = (path, body) => mustCall(target, { method: 'POST', path, body });
  await post('/projects', { key: 'big', name: 'Big' });
  await post('/projects/big/environments', { key: 'e0', name: 'e0' });
  let next = 0;
  const work = async () => {
    for (let index = next++; index < flags; index = next++) {
      const split = {
        split: {
          weights: [
            ['on', (index * 20) % 100_000],
            ['off', 100_000 - ((index * 20) % 100_000)],
          ],
        },
      };
      await post('/projects/big/flags', {
        ...{ key: `flag-${index}`, kind: 'operational', variants: { on: true, off: false }, fallthrough: split },
        ...{
          description: `What flag ${index} is for, in a sentence or two.`,
          tags: [`team-${index % 20}`],
          clientSide: index % 3 === 0,
        },
      });
      if (index % RULES_EVERY === 0) await addRules(target, index);
      if (index % 2 === 0) await post(`/projects/big/flags/flag-${index}/environments/e0/unkill`, {});
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (let index = 1; index < environments; index++)
    await post('/projects/big/environments', { key: `e${index}`, name: `e${index}` });
}

/** @param {{ url: string }} target @param {number} index */
function addRules(target, index) {
  const rules = [0, 1, 2].map((place) => ({
    id: `rule-${place}`,
    when: {
      all: [
        { attribute: 'plan', op: 'in', values: ['gold', `plan-${index}`] },
        { attribute: 'country', op: 'in', values: ['FR', 'DE'] },
      ],
    },
    serve: { variant: place % 2 === 0 ? 'on' : 'off' },
  }));
  const path = `/projects/big/flags/flag-${index}/environments/e0`;
  return mustCall(target, { method: 'PATCH', path, body: { rules }, headers: { 'if-match': '"v1"' } });
}

/**
 * @param {{ url: string }} target
 * @param {string[]} argv
 * @returns {Promise<{ bodies: string }>}
 */
async function yardarm(target, argv) {
  const child = spawn(process.execPath, ['packages/cli/dist/main.js', ...argv], {
    cwd: root,
    env: { ...process.env, YARDARM_URL: target.url, YARDARM_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`yardarm ${argv[0]} ended with ${code}: ${output}`);
  return JSON.parse(output);
}

/** @template T @param {() => Promise<T>} work */
async function timed(work) {
  const startedMs = performance.now();
  const answer = await work();
  return { answer, ms: performance.now() - startedMs };
}

/** @param {import('../crash/server.mjs').ServerProcess | undefined} server The most that its process ever held (Linux). */
async function memoryOf(server) {
  const status = await readFile(`/proc/${server?.pid}/status`, 'utf8').catch(() => '');
  return `${(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1_024).toFixed(0)} MiB`;
}

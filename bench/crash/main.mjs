// @ts-check
/**
 * npm run crash -- [--server-kills 500] [--postgres-restarts 50] [--seed 1] [--writes-per-second 50]
 * Prints what was lost, torn or out of order (run.mjs says how it is found) and how long the restarts took. Exit code 1 where
 * anything was, where an SDK was refused, or where a median or maximum misses its bar.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { table } from '../flip/statistics.mjs';
import { runCrashes } from './run.mjs';

const BAR_MS = 5_000;

const { values } = parseArgs({
  options: {
    'server-kills': { type: 'string', default: '500' },
    'postgres-restarts': { type: 'string', default: '50' },
    'writes-per-second': { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  },
});
const seed = Number(values.seed);
const directory = await temporaryDirectory();
const startedMs = performance.now();
try {
  const report = await runCrashes({
    dataDirectory: directory.path,
    serverKills: Number(values['server-kills']),
    postgresKills: Number(values['postgres-restarts']),
    writesPerSecond: Number(values['writes-per-second']),
    seed,
    onProgress: (line) => console.log(`[${((performance.now() - startedMs) / 1_000).toFixed(0)} s] ${line}`),
  });
  const { findings, acknowledged, retried, repeated, killedAtStart, links, sdk } = report;
  const node = `Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`;
  console.log(`\nSeed ${seed}, ${node}; ${report.writesPerSecond.toFixed(1)} writes/s before the first kill.`);
  console.log(
    `${values['server-kills']} kills of the server, ${killedAtStart} of them while it started; ${values['postgres-restarts']} of PostgreSQL.`,
  );
  console.log(
    `${acknowledged} writes acknowledged, ${retried} of them at a second or later try; ${repeated} sent again after a kill and answered alike.`,
  );
  console.log(`${links} links of the audit chains verified.`);
  console.log(`SDK: ${sdk.reads} reads, ${sdk.failures} refused, ${sdk.backward} went backward.\n`);
  const measured = /** @type {[string, number[]][]} */ ([
    ['start of the server to ready', report.restartsMs],
    ['kill of PostgreSQL to its answer', report.recoveriesMs],
    ['from there to a write', report.writesBackMs],
    ['from there to SDKs', report.sdkBackMs],
  ]).filter(([, all]) => all.length > 0);
  console.log(table(measured));
  const late = measured.filter(([, all]) => Math.max(...all) > BAR_MS).map(([title]) => title);
  console.log(`\n${findings.length} findings; bar of ${BAR_MS} ms ${late.length === 0 ? 'held' : `missed: ${late.join(', ')}`}.`);
  for (const finding of findings.slice(0, 50)) console.log(finding);
  process.exitCode = findings.length + sdk.failures + sdk.backward + late.length === 0 ? 0 : 1;
} finally {
  await directory.remove();
}

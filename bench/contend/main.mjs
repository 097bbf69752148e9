// @ts-check
/**
 * npm run contend -- [--each 10000] [--writers 2] [--many 8] [--many-each 500] [--seed 1]
 * First two writers and one counter, then eight writers and three environments. Exit code 1 where an update was lost, or where a
 * revision is missing, doubled or out of order.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { connectToEmbedded } from '../../scripts/embedded-database.mjs';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { findGaps } from '../crash/oracle.mjs';
import { seededRandom } from '../crash/random.mjs';
import { spawnServer } from '../crash/server.mjs';
import { changeTogether, makeProject, raiseCounter } from './contend.mjs';

const { values } = parseArgs({
  options: {
    each: { type: 'string', default: '10000' },
    writers: { type: 'string', default: '2' },
    many: { type: 'string', default: '8' },
    'many-each': { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
  },
});
const directory = await temporaryDirectory();
const server = spawnServer(directory.path);
try {
  const target = { url: await server.ready };
  await makeProject(target);
  const startedMs = performance.now();
  const counted = await raiseCounter(target, { writers: Number(values.writers), each: Number(values.each) });
  const seconds = (performance.now() - startedMs) / 1_000;
  const lost = counted.acknowledged - counted.counter;
  console.log(`Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`);
  console.log(
    `${values.writers} writers x ${values.each} conditional updates in ${seconds.toFixed(0)} s (${(counted.acknowledged / seconds).toFixed(0)}/s): ` +
      `${counted.acknowledged} acknowledged, ${counted.stale} refused as stale and made again; counter ${counted.counter}, version ${counted.version}: ${lost} lost.`,
  );
  const many = { writers: Number(values.many), each: Number(values['many-each']), random: seededRandom(Number(values.seed)) };
  const together = await changeTogether(target, many);
  const sql = connectToEmbedded(directory.path);
  const findings = [...together.findings, ...(await findGaps(sql))];
  await sql.end();
  console.log(
    `${values.many} writers, 3 environments: ${together.changes} changes, ${findings.length} revisions missing, doubled or out of order.`,
  );
  for (const finding of findings.slice(0, 50)) console.log(finding);
  process.exitCode = lost === 0 && counted.version === counted.acknowledged + 1 && findings.length === 0 ? 0 : 1;
} finally {
  await server.stop();
  await directory.remove();
}

/** A short run of `npm run contend`: no update is lost between two writers, and revisions follow the commits of eight. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeTogether, findDisorder, makeProject, raiseCounter } from '../bench/contend/contend.mjs';
import { findGaps } from '../bench/crash/oracle.mjs';
import { seededRandom } from '../bench/crash/random.mjs';
import { type ServerProcess, spawnServer } from '../bench/crash/server.mjs';
import { connectToEmbedded } from '../scripts/embedded-database.mjs';
import { temporaryDirectory } from '../scripts/launch.mjs';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: ServerProcess;
let target: { url: string };

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = spawnServer(directory.path);
  target = { url: await server.ready };
  await makeProject(target);
});
afterAll(async () => {
  await server?.stop();
  await directory?.remove();
});

describe('writers that meet', () => {
  it('lose no update where each edit names the version that it is based on', async () => {
    const { acknowledged, counter, version, stale } = await raiseCounter(target, { writers: 2, each: 100 });
    expect([acknowledged, counter, version]).toEqual([200, 200, 201]);
    expect(stale).toBeGreaterThan(0);
  });

  it('get revisions without gaps and in the order of their commits', async () => {
    const { changes, findings } = await changeTogether(target, { writers: 8, each: 15, random: seededRandom(1) });
    const sql = connectToEmbedded(directory.path);
    expect([changes, findings, await findGaps(sql)]).toEqual([120, [], []]);
    await sql.end();
  });
});

describe('the check of their order', () => {
  const answer = (revision: number, sentMs: number, answeredMs: number) => ({ environment: 'e', revision, sentMs, answeredMs });

  it('finds a revision that was given twice, and one that was given backward', () => {
    expect(findDisorder([answer(1, 0, 5), answer(2, 1, 3)])).toEqual([]);
    expect(findDisorder([answer(1, 0, 1), answer(1, 2, 3)])).toEqual([expect.stringMatching(/twice/)]);
    expect(findDisorder([answer(2, 0, 1), answer(1, 2, 3)])).toEqual([expect.stringMatching(/sent after a later one/)]);
  });
});

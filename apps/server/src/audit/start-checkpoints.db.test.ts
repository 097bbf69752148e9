import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProject } from '../testing/fixtures.ts';
import { TEST_SECRET, type TestApp, testApp } from '../testing/test-app.ts';
import { checkpointKey } from './checkpoint.ts';
import { startCheckpoints } from './start-checkpoints.ts';

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'web');
});
afterAll(() => server.close());

/** What a server with this secret says while it runs. */
async function saidWith(secret: string): Promise<string[]> {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  await startCheckpoints({ db: server.db, key: checkpointKey(secret), now: Date.now, log }).close();
  return lines;
}

it('says at the start that the checkpoints are of another secret file, with the remedy, and nothing of its own', async () => {
  expect(await saidWith(TEST_SECRET)).toEqual([]);
  expect(await saidWith(TEST_SECRET)).toEqual([]);
  const said = await saidWith('the secret of a server that was added without its file');
  expect(said.map((line) => JSON.parse(line))).toMatchObject([
    { level: 50, msg: expect.stringContaining('YARDARM_SECRET_FILE') },
  ]);
  expect(said.join()).not.toContain('the secret of a server');
});

it('does not blame the right server where a wrong one made the newest checkpoint', async () => {
  await makeProject(server, 'mobile');
  await saidWith('the secret of a server that was added without its file');
  const [said] = await saidWith(TEST_SECRET);
  expect(JSON.parse(said ?? '{}').msg).toMatch(/stop whichever was given the wrong YARDARM_SECRET_FILE/);
});

/** Whatever ends `npm start`, no process of it stays behind: not the server, not the database, not the shop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchYardarm, temporaryDirectory, waitUntil } from '../scripts/launch.mjs';
import { processTree, serverPid, stillRunning } from './support/process-tree.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.remove());

async function startWhole() {
  const yardarm = await launchYardarm({ dataDirectory: directory.path });
  const tree = processTree(yardarm.pid);
  for (const part of [/run\.mjs start/, /apps\/server\/dist\/main\.js/, /examples\/shop\/dist\/main\.js/, /postgres/])
    expect(tree.some(({ command }) => part.test(command))).toBe(true);
  return { yardarm, pids: tree.map(({ pid }) => pid) };
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('ends launcher, server, database and shop, with exit code 0', async () => {
    const { yardarm, pids } = await startWhole();
    expect(await yardarm.stop(signal), yardarm.output()).toBe(0);
    expect(stillRunning(pids)).toEqual([]);
    expect(yardarm.output()).toContain('Stopped.');
  });
});

describe('a server that dies', () => {
  it('takes the shop with it, the launcher says so, and the next start takes the database over', async () => {
    const { yardarm, pids } = await startWhole();
    process.kill(serverPid(yardarm.pid), 'SIGKILL');
    await waitUntil(yardarm.hasEnded, 20_000, () => 'the launcher to end');
    expect(await yardarm.stop()).toBe(137);
    expect(stillRunning(pids).filter((line) => !/postgres/.test(line))).toEqual([]);
    expect(yardarm.output()).toContain('The server stopped by itself (exit code 137).');

    const next = await launchYardarm({ dataDirectory: directory.path });
    expect(await next.stop(), next.output()).toBe(0);
    expect(stillRunning(pids)).toEqual([]);
  });
});

describe('a launcher that is killed', () => {
  it('leaves a server that notices, closes its database and ends, and so does the shop', async () => {
    const { yardarm, pids } = await startWhole();
    process.kill(yardarm.pid, 'SIGKILL');
    await waitUntil(
      () => stillRunning(pids).length === 0,
      20_000,
      () => stillRunning(pids).join('\n'),
    );
  });
});

describe('a shop that dies', () => {
  it('is reported, and the server goes on', async () => {
    const { yardarm, pids } = await startWhole();
    const shop = processTree(yardarm.pid).find(({ command }) => command.includes('examples/shop'));
    process.kill(shop!.pid, 'SIGKILL');
    await waitUntil(
      () => yardarm.output().includes('The demo shop stopped'),
      5_000,
      () => yardarm.output(),
    );
    await sleep(200);
    expect((await fetch(`${yardarm.adminUrl}/health/ready`)).status).toBe(200);
    expect(await yardarm.stop()).toBe(0);
    expect(stillRunning(pids)).toEqual([]);
  });
});

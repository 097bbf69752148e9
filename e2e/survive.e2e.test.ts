/** The server goes away and comes back: applications go on, and nothing that was acknowledged is lost. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Launched, launchYardarm, temporaryDirectory, waitUntil } from '../scripts/launch.mjs';
import { callApi, switchRecommendations } from './support/api.ts';
import { launchBrowser, newSession } from './support/browser.ts';
import { processTree, serverPid, stillRunning } from './support/process-tree.ts';
import { openShop, serverValue } from './support/shop-page.ts';
import { freePort, startShop } from './support/shop-process.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let port: number;
let yardarm: Launched;
/** An application of its own: not started, and not stopped, by the launcher. */
let shop: Awaited<ReturnType<typeof startShop>>;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  directory = await temporaryDirectory();
  port = await freePort();
  yardarm = await launchYardarm({ dataDirectory: directory.path, port });
  const { serverKey, clientKey } = JSON.parse(await readFile(path.join(directory.path, 'demo.json'), 'utf8'));
  shop = await startShop({ YARDARM_URL: yardarm.adminUrl, YARDARM_SERVER_KEY: serverKey, YARDARM_CLIENT_KEY: clientKey });
  browser = await launchBrowser();
  page = await newSession(browser);
  await openShop(page, shop.url);
});
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
  await yardarm?.stop();
  await directory?.remove();
});

const block = () => page.getByTestId('recommendations');
const untilServerSays = (value: boolean) =>
  waitUntil(
    async () => (await serverValue(shop.url, 'recommendations')) === value,
    20_000,
    () => `the shop's server to say ${value}`,
  );

describe('a restart of the server', () => {
  it('leaves the shop with the values it had, and the shop picks up the flips that come after it', async () => {
    await switchRecommendations(yardarm.adminUrl, false);
    await block().waitFor({ state: 'hidden' });
    expect(await yardarm.stop()).toBe(0);
    expect(await serverValue(shop.url, 'recommendations')).toBe(false);
    expect(await block().isVisible()).toBe(false);

    yardarm = await launchYardarm({ dataDirectory: directory.path, port });
    await switchRecommendations(yardarm.adminUrl, true);
    await untilServerSays(true);
    // The page may have waited for a while when the server came back: its next look is at most 36 s away.
    await block().waitFor({ state: 'visible', timeout: 45_000 });
  });
});

describe('kill -9 of launcher and server in the middle of writes', () => {
  it('loses no acknowledged change, and the next start takes over the database that was left running', async () => {
    const revision = async () => {
      const { items } = await callApi<{ items: { key: string; revision: number }[] }>(
        yardarm.adminUrl,
        'GET',
        '/projects/shop/environments',
      );
      return items.find(({ key }) => key === 'production')?.revision ?? 0;
    };
    const before = await revision();
    const tree = processTree(yardarm.pid);
    const database = tree.filter(({ command }) => /postgres/.test(command));
    expect(database.length).toBeGreaterThan(1);
    let acknowledged = 0;
    const writer = (async () => {
      for (let on = false; ; on = !on) {
        await switchRecommendations(yardarm.adminUrl, on);
        acknowledged += 1;
      }
    })().catch(() => 'the server is gone');
    await waitUntil(
      () => acknowledged >= 10,
      10_000,
      () => 'ten flips',
    );
    for (const pid of [yardarm.pid, serverPid(yardarm.pid)]) process.kill(pid, 'SIGKILL');
    await writer;
    expect(stillRunning(database.map(({ pid }) => pid))).not.toEqual([]);

    yardarm = await launchYardarm({ dataDirectory: directory.path, port });
    // One more may have been committed and not acknowledged.
    expect([acknowledged, acknowledged + 1]).toContain((await revision()) - before);
    expect(stillRunning(tree.map(({ pid }) => pid)).filter((line) => /run\.mjs|main\.js/.test(line))).toEqual([]);
    await switchRecommendations(yardarm.adminUrl, false);
    await untilServerSays(false);
    await switchRecommendations(yardarm.adminUrl, true);
    await untilServerSays(true);
    // The page may have waited for a while when the server came back: its next look is at most 36 s away.
    await block().waitFor({ state: 'visible', timeout: 45_000 });
  });
});

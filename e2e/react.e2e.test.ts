/** The React example against the product: components follow kills, and a change of visitor never shows anything in between. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Launched, launchYardarm, temporaryDirectory } from '../scripts/launch.mjs';
import { startReactExample } from '../scripts/react-example.mjs';
import { switchRecommendations } from './support/api.ts';
import { launchBrowser, newSession } from './support/browser.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let yardarm: Launched;
let example: Awaited<ReturnType<typeof startReactExample>>;
let browser: Browser;

beforeAll(async () => {
  directory = await temporaryDirectory();
  yardarm = await launchYardarm({ dataDirectory: directory.path });
  example = await startReactExample(yardarm.adminUrl, directory.path);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await example?.stop();
  await yardarm?.stop();
  await directory?.remove();
});

async function open(): Promise<Page> {
  const page = await newSession(browser);
  await page.goto(example.url);
  await page.locator('[data-testid="link-state"][data-status="READY"]').waitFor();
  return page;
}

const drawn = async (page: Page, flag: string) => Number(await page.getByTestId(`answer-${flag}`).getAttribute('data-drawn'));

it('a kill takes its component away, and draws no other', async () => {
  const page = await open();
  await page.getByTestId('recommendations').waitFor();
  const others = ['new-checkout', 'banner-text', 'beta-badge'];
  const before = await Promise.all(others.map((flag) => drawn(page, flag)));
  await switchRecommendations(yardarm.adminUrl, false);
  await page.getByTestId('recommendations').waitFor({ state: 'detached' });
  await switchRecommendations(yardarm.adminUrl, true);
  await page.getByTestId('recommendations').waitFor();
  expect(await drawn(page, 'recommendations')).toBeGreaterThanOrEqual(3);
  expect(await Promise.all(others.map((flag) => drawn(page, flag)))).toEqual(before);
  await page.context().close();
});

it('somebody else gets their own answers at once; somebody who is not signed in keeps theirs over a reload', async () => {
  const page = await open();
  const me = await page.getByTestId('visitor').textContent();
  const mine = await page.getByTestId('checkout').getAttribute('data-kind');
  await page.getByTestId('beta-tester').check();
  await page.getByTestId('beta-badge').waitFor();
  const kinds = new Set<string | null>();
  for (let turn = 0; turn < 40; turn++) {
    await page.getByTestId('somebody-else').click();
    kinds.add(await page.getByTestId('checkout').getAttribute('data-kind'));
  }
  expect([...kinds].sort()).toEqual(['classic', 'new']);
  await page.reload();
  await page.locator('[data-testid="link-state"][data-status="READY"]').waitFor();
  expect(await page.getByTestId('visitor').textContent()).toBe(me);
  expect(await page.getByTestId('checkout').getAttribute('data-kind')).toBe(mine);
  await page.context().close();
});

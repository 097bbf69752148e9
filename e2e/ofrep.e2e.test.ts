/** The official OFREP web provider in a real Chromium, against the product, from a page of another origin. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Launched, launchYardarm, temporaryDirectory, waitUntil } from '../scripts/launch.mjs';
import { switchRecommendations } from './support/api.ts';
import { launchBrowser, newSession } from './support/browser.ts';
import { type OfrepPage, serveOfrepPage } from './support/ofrep-page.ts';

declare global {
  interface Window {
    ofrep: OfrepPage;
  }
}

const PER_SECOND = 10;
const TESTER = { targetingKey: 'ada', email: 'ada@beta.example.com' };

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let yardarm: Launched;
let pages: Awaited<ReturnType<typeof serveOfrepPage>>;
let browser: Browser;
let page: Page;
/** Of evaluations and streams, in order. */
const answers: { readonly path: string; readonly query: string; readonly status: number; readonly retryAfter: string | null }[] =
  [];

beforeAll(async () => {
  directory = await temporaryDirectory();
  yardarm = await launchYardarm({ dataDirectory: directory.path, env: { YARDARM_OFREP_PER_SECOND: String(PER_SECOND) } });
  [pages, browser] = await Promise.all([serveOfrepPage(), launchBrowser()]);
  page = await newSession(browser);
  page.on('response', async (response) => {
    const { pathname, search } = new URL(response.url());
    if (!pathname.startsWith('/ofrep/') || response.request().method() === 'OPTIONS') return;
    const retryAfter = await response.headerValue('retry-after').catch(() => null);
    answers.push({ path: pathname, query: search, status: response.status(), retryAfter });
  });
  await page.goto(pages.url);
});
afterAll(async () => {
  await browser?.close();
  await pages?.stop();
  await yardarm?.stop();
  await directory?.remove();
});

const until = (what: string, holds: () => Promise<boolean> | boolean) =>
  waitUntil(
    async () => holds(),
    15_000,
    () => what,
  );
const recommendations = () => page.evaluate(() => window.ofrep.boolean('recommendations', false));
const events = () => page.evaluate(() => window.ofrep.events);
const bulk = () => answers.filter(({ path: at }) => at === '/ofrep/v1/evaluate/flags');

it('evaluates with a client key, and sees only what is marked for browsers', async () => {
  const key: string = JSON.parse(await readFile(path.join(directory.path, 'demo.json'), 'utf8')).clientKey;
  await page.evaluate((options) => window.ofrep.start(options), { baseUrl: yardarm.adminUrl, key, context: TESTER });
  expect(await page.evaluate(() => window.ofrep.boolean('beta-badge', false))).toBe(true);
  expect(await recommendations()).toBe(true);
  expect(await events()).toContain('PROVIDER_READY');
});

it('hears of a kill through its stream, and evaluates again by itself', async () => {
  await until('an open stream', () => answers.some((answer) => answer.path === '/ofrep/v1/stream' && answer.status === 200));
  const before = bulk().length;
  await switchRecommendations(yardarm.adminUrl, false);
  await until('the kill in the page', async () => !(await recommendations()));
  // The page has an answer before the test has been told of it.
  await until('its refetch', () => bulk().length > before);
  const refetch = bulk().at(-1);
  expect(refetch).toMatchObject({ status: 200, query: expect.stringContaining('flagConfigEtag=') });
  expect(await events()).toContain('PROVIDER_CONFIGURATION_CHANGED');
  await switchRecommendations(yardarm.adminUrl, true);
  await until('the flag back in the page', recommendations);
});

it('is told that nothing has changed where nothing has', async () => {
  const before = bulk().length;
  await page.evaluate(() => window.ofrep.show());
  await until('an answer', () => bulk().length > before);
  expect(bulk().at(-1)).toMatchObject({ status: 304 });
  expect(await recommendations()).toBe(true);
});

it('that asks too much is told when to come back, keeps its answers and comes back', async () => {
  await page.evaluate(async (times) => {
    for (let turn = 0; turn < times; turn++) await window.ofrep.setContext({ targetingKey: `visitor ${turn}` });
  }, 10 * PER_SECOND);
  await until('a 429', () => bulk().some(({ status }) => status === 429));
  expect(bulk().find(({ status }) => status === 429)?.retryAfter).toMatch(/^[1-9]\d*$/);
  expect(await events()).toContain('PROVIDER_STALE');
  expect(await recommendations()).toBe(true);
  await until('an evaluation again', async () => {
    await page.evaluate((context) => window.ofrep.setContext(context), { targetingKey: `late ${bulk().length}` });
    return bulk().at(-1)?.status === 200;
  });
});

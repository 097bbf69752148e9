// @ts-check
/**
 * npm run bench:flip: from the flip of a kill switch to its effect, on one machine: in the shop's server process and in
 * the shop's open page; once by the request that the admin UI sends, once by a click in the admin UI in a real Chromium.
 * Each round also measures the floor (floor.mjs), so that the numbers of a busy machine can be read. Exit code 1 where
 * the median of the click to the page misses the bar.
 */
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.mjs';
import { API_TOKEN, launchYardarm, root, temporaryDirectory, waitUntil } from '../../scripts/launch.mjs';
import { createFloor } from './floor.mjs';
import { quantile, table } from './statistics.mjs';

const ROUNDS = 25;
const WARM_UP_ROUNDS = 5;
/** Between flips: longer than anything that a flip sets off, so that no round waits for the one before. */
const PAUSE_MS = 300;
const BAR_MS = 100;
const FLAG = 'recommendations';

const epochNow = () => performance.timeOrigin + performance.now();

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ server: number, page: number }} Effect milliseconds after the flip began */

const directory = await temporaryDirectory();
const yardarm = await launchYardarm({ dataDirectory: directory.path });
const browserFound = await findChromium(root, process.env);
const browser = await chromium.launch({
  executablePath: browserFound.executablePath,
  args: browserFound.args,
  env: { .../** @type {Record<string, string>} */ (process.env), ...browserFound.env },
});
try {
  const shop = await openShop();
  const admin = await openAdmin();
  const floor = await createFloor(directory.path);

  /** @type {number[]} */
  const floors = [];
  /** @type {number[]} */
  const answers = [];
  /** @type {Effect[]} */
  const byRequest = [];
  /** @type {Effect[]} */
  const byClick = [];
  let isOn = true;
  const request = async () => {
    const { answer, effect } = await flipByRequest(shop, isOn);
    answers.push(answer);
    byRequest.push(effect);
  };
  const click = async () => {
    byClick.push(await flipByClick(shop, admin));
  };
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    if (round === 0) for (const measured of [floors, answers, byRequest, byClick]) measured.length = 0;
    floors.push(await floor.measure());
    // In turns, so that both ways kill and unkill equally often.
    for (const flip of round % 2 === 0 ? [request, click] : [click, request]) {
      await sleep(PAUSE_MS);
      await flip();
      isOn = !isOn;
    }
    await sleep(PAUSE_MS);
  }
  await floor.close();

  const node = `Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`;
  console.log(`\nFlip to effect, ${ROUNDS} rounds after ${WARM_UP_ROUNDS} of warm-up. ${node}, ${browserFound.description}\n`);
  console.log(
    table([
      ['floor: transaction + websocket frame', floors],
      ['request to its answer', answers],
      ["request to the shop's server", byRequest.map(({ server }) => server)],
      ["request to the shop's open page", byRequest.map(({ page }) => page)],
      ["click to the shop's server", byClick.map(({ server }) => server)],
      ["click to the shop's open page", byClick.map(({ page }) => page)],
    ]),
  );
  const worst = Math.max(...[...byClick, ...byRequest].flatMap(({ server, page }) => [server, page]));
  const median = quantile(
    byClick.map(({ page }) => page),
    0.5,
  );
  console.log(`\nBar: click to page, median below ${BAR_MS} ms: ${median.toFixed(1)} ms. Worst of all: ${worst.toFixed(1)} ms.`);
  process.exitCode = median < BAR_MS ? 0 : 1;
} finally {
  await browser.close();
  await yardarm.stop();
  await directory.remove();
}

/** The shop's page, which notes when its recommendations appear or disappear. */
async function openShop() {
  const page = await (await browser.newContext()).newPage();
  await page.goto(yardarm.shopUrl);
  await page.locator('[data-testid="link-state"][data-browser="READY"][data-server="READY"]').waitFor();
  await page.evaluate(() => {
    const block = /** @type {HTMLElement} */ (document.querySelector('[data-testid="recommendations"]'));
    new MutationObserver(() => performance.mark('effect')).observe(block, { attributes: true, attributeFilter: ['hidden'] });
  });
  return page;
}

/** The admin UI, signed in, which notes when its switch was clicked. */
async function openAdmin() {
  // Tall, because other people's changes are announced in the lower corner, over whatever is there.
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 1600 } })).newPage();
  await page.goto(yardarm.signInUrl);
  await page.getByTestId(`switch-${FLAG}-production`).waitFor();
  await page.evaluate(() => {
    document.addEventListener('click', () => performance.mark('click'), { capture: true });
  });
  return page;
}

/**
 * The request that the admin UI sends for a click on the switch.
 * @param {Page} shop
 * @param {boolean} kill
 */
async function flipByRequest(shop, kill) {
  const before = await effectsSeen(shop);
  const url = `${yardarm.adminUrl}/api/v1/projects/shop/flags/${FLAG}/environments/production/${kill ? 'kill' : 'unkill'}`;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${API_TOKEN}` };
  const startedAt = epochNow();
  const response = await fetch(url, { method: 'POST', headers, body: '{}' });
  if (!response.ok) throw new Error(`The flip was answered with ${response.status}: ${await response.text()}`);
  const answer = epochNow() - startedAt;
  return { answer, effect: await effectOf(shop, before, startedAt) };
}

/**
 * @param {Page} shop
 * @param {Page} admin
 */
async function flipByClick(shop, admin) {
  const before = await effectsSeen(shop);
  await admin.getByTestId(`switch-${FLAG}-production`).click();
  const startedAt = Number((await marksOf(admin, 'click')).at(-1));
  return effectOf(shop, before, startedAt);
}

/** @param {Page} shop */
async function effectsSeen(shop) {
  return { page: (await marksOf(shop, 'effect')).length, server: await serverChangedAt() };
}

/**
 * @param {Page} shop
 * @param {{ page: number, server: number }} before
 * @param {number} startedAt epoch milliseconds
 * @returns {Promise<Effect>}
 */
async function effectOf(shop, before, startedAt) {
  await shop.waitForFunction((count) => performance.getEntriesByName('effect').length > count, before.page);
  await waitUntil(
    async () => (await serverChangedAt()) > before.server,
    5_000,
    () => "the shop's server",
  );
  const page = Number((await marksOf(shop, 'effect')).at(-1));
  return { page: page - startedAt, server: (await serverChangedAt()) - startedAt };
}

/**
 * @param {Page} page
 * @param {string} name
 * @returns {Promise<number[]>} epoch milliseconds
 */
function marksOf(page, name) {
  return page.evaluate(
    (wanted) => performance.getEntriesByName(wanted).map(({ startTime }) => performance.timeOrigin + startTime),
    name,
  );
}

/** @returns {Promise<number>} epoch milliseconds, as the shop's server process noted it */
async function serverChangedAt() {
  const { changedAtMs } = await (await fetch(`${yardarm.shopUrl}/api/state`)).json();
  return changedAtMs[FLAG] ?? 0;
}

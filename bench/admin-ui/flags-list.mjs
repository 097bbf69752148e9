// @ts-check
/**
 * npm run bench:admin-ui: the list of 5 000 flags in 3 environments in a real Chromium. How long until its first rows are there
 * on a cold load; how long from a keystroke in the search until its result is drawn; and tasks over 50 ms while the list
 * scrolls. Each beside its floor, the sign-in page: loaded, typed into, and scrolled as an empty page; for the scrolling also a page of as many
 * bare rows, without a script. Medians; exit code 1 where a bar is missed. A task counts by the clock, as a person feels it; beside it stands the longest by processor time, which
 * other work on the machine does not lengthen by waiting.
 */
import { availableParallelism, loadavg } from 'node:os';
import { chromium } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.mjs';
import { connectToEmbedded } from '../../scripts/embedded-database.mjs';
import { root, temporaryDirectory } from '../../scripts/launch.mjs';
import { spawnServer, TOKEN } from '../crash/server.mjs';
import { createBars } from '../delivery/bars.mjs';
import { quantile } from '../flip/statistics.mjs';
import { FLAGS, seedFlags } from '../list-flags/seed-flags.mjs';

const ROUNDS = 9;
const SEARCH = 'flag-0471 search';
const SCROLLS = 60;
const SCROLL_PX = 900;
/** A task that takes longer holds up whatever a person does next. */
const LONG_TASK_MS = 50;

/** In the page: notes when something is first there, from the beginning of the navigation, once a frame shows it. */
const NOTE_FIRST = `
  window.firstSeen = (selector) => new Promise((resolve) => {
    const look = () => document.querySelector(selector)
      ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
      : requestAnimationFrame(look);
    look();
  });
  window.keystrokes = [];
  addEventListener('input', ({ target: { value } }) => {
    const startedMs = performance.now();
    // The sign-in page has no result to wait for.
    const look = () => (document.querySelector('[data-search]')?.dataset.search ?? value) === value
      ? requestAnimationFrame(() => setTimeout(() => window.keystrokes.push(performance.now() - startedMs)))
      : performance.now() - startedMs < 2000 && setTimeout(look);
    setTimeout(look);
  }, true);
`;

/** In the page: nothing but a line of text for each flag, as high as its row in the list. */
const BARE_ROWS = `
  document.body.replaceChildren(...Array.from({ length: ${FLAGS} }, (_, index) => {
    const row = document.createElement('div');
    row.style.height = '53px';
    row.textContent = 'flag-' + index;
    return row;
  }));
  scrollTo(0, 0);
`;

const directory = await temporaryDirectory();
const server = spawnServer(directory.path);
const found = await findChromium(root, process.env);
const browser = await chromium.launch({
  executablePath: found.executablePath,
  args: found.args,
  env: { .../** @type {Record<string, string>} */ (process.env), ...found.env },
});
try {
  const url = await server.ready;
  const sql = connectToEmbedded(directory.path);
  await seedFlags(url, sql);
  await sql.end();
  /** @type {Measured} */
  const measured = {
    firstRows: [],
    allRows: [],
    keystroke: [],
    scroll: [],
    floor: { load: [], keystroke: [], scroll: [], rows: [] },
  };
  for (let round = 0; round < ROUNDS; round += 1) await measureOnce(url, measured);

  const bars = createBars();
  const median = (/** @type {number[]} */ values) => quantile(values, 0.5);
  console.log(
    `${FLAGS} flags, 3 environments, ${ROUNDS} rounds, each with an empty cache. Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  const { floor } = measured;
  console.log(
    `floor, sign-in page: loaded after ${median(floor.load).toFixed(0)} ms, keystroke ${median(floor.keystroke).toFixed(0)} ms (p95 ${quantile(floor.keystroke, 0.95).toFixed(0)} ms), ${median(longTasks(floor.scroll)).toFixed(0)} tasks over ${LONG_TASK_MS} ms while scrolling, ${longest(floor.scroll)}`,
  );
  console.log(
    `floor, ${FLAGS} bare rows: ${median(longTasks(floor.rows)).toFixed(0)} tasks over ${LONG_TASK_MS} ms while scrolling, ${longest(floor.rows)}`,
  );
  console.log(`all ${FLAGS} flags there: ${median(measured.allRows).toFixed(0)} ms`);
  console.log(bars.check('first rows on a cold load', median(measured.firstRows), 1_000, 'ms'));
  console.log(
    bars.check(`keystroke to its result, median of ${measured.keystroke.length}`, median(measured.keystroke), 50, 'ms'),
  );
  console.log(`  p95 ${quantile(measured.keystroke, 0.95).toFixed(0)} ms`);
  console.log(
    bars.check(`tasks over ${LONG_TASK_MS} ms while scrolling, median of the rounds`, median(longTasks(measured.scroll)), 0, ''),
  );
  console.log(`  ${longest(measured.scroll)}`);
  process.exitCode = bars.conclude();
} finally {
  await browser.close();
  await server.stop();
  await directory.remove();
}

/**
 * @typedef {{ readonly elapsedMs: number, readonly processorMs: number }} Task
 * @typedef {object} Measured `scroll`: the tasks of each round
 * @property {number[]} firstRows
 * @property {number[]} allRows
 * @property {number[]} keystroke
 * @property {Task[][]} scroll
 * @property {{ load: number[], keystroke: number[], scroll: Task[][], rows: Task[][] }} floor
 *
 * @param {string} url
 * @param {Measured} into
 */
async function measureOnce(url, into) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addInitScript(NOTE_FIRST);
  const page = await context.newPage();
  const firstSeen = (/** @type {string} */ selector) =>
    /** @type {Promise<number>} */ (page.evaluate(`window.firstSeen(${JSON.stringify(selector)})`));

  await page.goto(`${url}/sign-in`, { waitUntil: 'commit' });
  into.floor.load.push(await firstSeen('form'));
  into.floor.keystroke.push(...(await typeInto(page.getByRole('textbox', { name: 'Name' }))));
  await page.evaluate(`document.body.style.height = '${2 * SCROLLS * SCROLL_PX}px'`);
  into.floor.scroll.push(await scrollThrough(page));
  await context.request.post(`${url}/api/v1/session`, { data: { token: TOKEN } });
  // What the floor has brought into the cache must not help.
  const session = await context.newCDPSession(page);
  await session.send('Network.clearBrowserCache');
  await page.goto(`${url}/projects/bench/flags`, { waitUntil: 'commit' });
  into.firstRows.push(await firstSeen('[data-testid^="flag-"]'));
  await page.getByText(`${FLAGS.toLocaleString('en-GB')} flags`, { exact: true }).waitFor();
  into.allRows.push(/** @type {number} */ (await page.evaluate('performance.now()')));

  into.keystroke.push(...(await typeInto(page.getByRole('searchbox', { name: 'Search flags' }))));
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText(`${FLAGS.toLocaleString('en-GB')} flags`, { exact: true }).waitFor();

  into.scroll.push(await scrollThrough(page));
  await page.evaluate(BARE_ROWS);
  into.floor.rows.push(await scrollThrough(page));
  await context.close();
}

/**
 * Milliseconds from each keystroke until what it does is drawn.
 * @param {import('playwright-core').Locator} field
 * @returns {Promise<number[]>}
 */
async function typeInto(field) {
  await field.pressSequentially(SEARCH, { delay: 150 });
  await field.page().waitForTimeout(500);
  return field.page().evaluate('window.keystrokes');
}

/**
 * The tasks of the page's main thread while it is scrolled by the wheel.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<Task[]>}
 */
async function scrollThrough(page) {
  await page.mouse.move(700, 500);
  await page.waitForTimeout(500);
  const session = await page.context().newCDPSession(page);
  /** @type {Record<string, any>[]} */
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel'] } });
  for (let scroll = 0; scroll < SCROLLS; scroll += 1) {
    await page.mouse.wheel(0, SCROLL_PX);
    await page.waitForTimeout(30);
  }
  await page.waitForTimeout(200);
  await session.send('Tracing.end');
  await complete;
  const mains = new Set(events.filter(({ args }) => args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events.filter(
    // One that was running already when the trace began has no length.
    ({ name, ph, pid, tid }) => name === 'ThreadControllerImpl::RunTask' && ph === 'X' && mains.has(`${pid} ${tid}`),
  );
  if (tasks.length === 0) throw new Error('The trace of the scrolled page has no task.');
  return tasks.map(({ dur, tdur }) => ({ elapsedMs: dur / 1_000, processorMs: (tdur ?? 0) / 1_000 }));
}

/**
 * How many of each round hold the page up.
 * @param {Task[][]} rounds
 */
function longTasks(rounds) {
  return rounds.map((tasks) => tasks.filter(({ elapsedMs }) => elapsedMs > LONG_TASK_MS).length);
}

/** @param {Task[][]} rounds */
function longest(rounds) {
  const most = (/** @type {keyof Task} */ member) => rounds.map((tasks) => Math.max(...tasks.map((task) => task[member])));
  const [elapsed, processor] = [most('elapsedMs'), most('processorMs')];
  const words = (/** @type {number[]} */ values) =>
    `median ${quantile(values, 0.5).toFixed(0)} ms, most ${Math.max(...values).toFixed(0)} ms`;
  return `longest of a round by the clock: ${words(elapsed)}; by processor time: ${words(processor)}`;
}

/**
 * Every address of the app and every dialog, full of hostile texts: no violation of axe in either theme, no text that becomes HTML, no script but
 * the server's own, nothing wider than a phone; and a dialog takes the focus and gives it back. An address or a dialog that is missing
 * here fails.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { YardarmProvider } from '../packages/sdk-node/dist/index.js';
import { repositoryFiles, root } from '../scripts/source-files.mjs';
import { findViolations } from './support/axe.ts';
import { ADMIN, type Bed, makeBed, PROJECT } from './support/bed.ts';
import { HTML, seedHostileTexts, WATCH } from './support/hostile.ts';

interface Visit {
  /** As the router names it. */
  readonly route: string;
  readonly address: string;
  /** Signed out, or as whom. */
  readonly as: 'ada' | 'nobody' | 'newcomer';
  /** What is there once the page is. */
  readonly shows: (page: Page) => Locator;
  readonly dialogs?: readonly DialogVisit[];
}

interface DialogVisit {
  /** Its module. */
  readonly file: string;
  readonly opener: (page: Page) => Locator;
  /** What must happen before the opener is there. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** Takes back what `prepare` did. */
  readonly tidy?: (page: Page) => Promise<void>;
}

/** Need more than one press, and are opened elsewhere: theirs and mine, by flag-life and targeting; both run axe. */
const OPENED_ELSEWHERE = ['conflict-dialog.tsx'];
const IN = `/projects/${PROJECT}`;
const button = (name: string | RegExp) => (page: Page) =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).first();
const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { level: 1, name });
const hostile = (page: Page) => page.locator('main').getByText(HTML).filter({ visible: true }).first();

const VISITS: readonly Visit[] = [
  { route: '/sign-in', address: '/sign-in', as: 'nobody', shows: heading('Sign in to Yardarm') },
  { route: '/set-up', address: '/set-up#a-link', as: 'nobody', shows: heading('Set up Yardarm') },
  { route: '/invite', address: '/invite#a-link', as: 'nobody', shows: heading('Welcome to Yardarm') },
  { route: '/reset', address: '/reset#a-link', as: 'nobody', shows: heading('Choose a new password') },
  { route: '/', address: '/', as: 'newcomer', shows: (page) => page.getByText('No project for you yet') },
  {
    route: '/people',
    address: '/people',
    as: 'ada',
    shows: hostile,
    dialogs: [
      { file: 'invite-dialog.tsx', opener: button('Invite') },
      { file: 'change-user-dialog.tsx', opener: button(/^Disable/) },
    ],
  },
  {
    route: '/tokens',
    address: '/tokens',
    as: 'ada',
    shows: hostile,
    dialogs: [
      { file: 'new-token-dialog.tsx', opener: button('New token') },
      { file: 'revoke-token-dialog.tsx', opener: button(/^Revoke/) },
    ],
  },
  {
    route: '/teams',
    address: '/teams',
    as: 'ada',
    shows: heading('Teams'),
    dialogs: [{ file: 'team-dialog.tsx', opener: button('New team') }],
  },
  { route: '/audit', address: '/audit', as: 'ada', shows: heading('Audit') },
  { route: '/account', address: '/account', as: 'ada', shows: heading('Ada') },
  { route: '/projects/$project', address: IN, as: 'ada', shows: heading('Flags') },
  {
    route: '/projects/$project/flags',
    address: `${IN}/flags`,
    as: 'ada',
    shows: hostile,
    dialogs: [
      { file: 'new-flag-dialog.tsx', opener: button('New flag') },
      { file: 'reason-dialog.tsx', opener: (page) => page.getByTestId('switch-banner-production') },
      {
        file: 'bulk-dialog.tsx',
        prepare: (page) => page.getByRole('checkbox', { name: /banner/ }).click(),
        opener: (page) => page.getByRole('region', { name: 'Selected flags' }).getByRole('button').first(),
        tidy: (page) => page.getByRole('button', { name: 'Select none' }).click(),
      },
      {
        file: 'save-view-dialog.tsx',
        prepare: async (page) => {
          await page.getByRole('searchbox', { name: 'Search flags' }).fill('banner');
        },
        opener: button('Save view'),
        tidy: (page) => page.getByRole('button', { name: 'Clear' }).click(),
      },
      { file: 'command-keys.tsx', opener: (page) => page.locator('body'), prepare: (page) => page.keyboard.press('?') },
      {
        file: 'command-palette.tsx',
        opener: (page) => page.locator('body'),
        prepare: (page) => page.keyboard.press('Control+k'),
      },
    ],
  },
  {
    route: '/projects/$project/flags/$flag',
    address: `${IN}/flags/banner`,
    as: 'ada',
    shows: hostile,
    dialogs: [
      { file: 'copy-dialog.tsx', opener: button('Copy between environments…') },
      { file: 'edit-flag-dialog.tsx', opener: button('Edit') },
      { file: 'variants-dialog.tsx', opener: button('Edit variants') },
      { file: 'reason-dialog.tsx', opener: button('Archive') },
      { file: 'snooze-dialog.tsx', opener: button('Snooze…') },
    ],
  },
  { route: '/projects/$project/flags/$flag', address: `${IN}/flags/gone`, as: 'ada', shows: hostile },
  {
    route: '/projects/$project/flags/$flag/environments/$environment',
    address: `${IN}/flags/banner/environments/production`,
    as: 'ada',
    shows: hostile,
    dialogs: [
      {
        file: 'publish-dialog.tsx',
        prepare: async (page) => {
          await page.getByRole('combobox', { name: 'What everybody else serves' }).selectOption({ label: 'script' });
        },
        opener: (page) => page.getByTestId('review'),
      },
      {
        file: 'unpublished.tsx',
        opener: (page) => page.getByRole('link', { name: 'Changes' }),
        tidy: (page) => page.getByRole('button', { name: 'Discard' }).click(),
      },
    ],
  },
  {
    route: '/projects/$project/segments',
    address: `${IN}/segments`,
    as: 'ada',
    shows: hostile,
    dialogs: [{ file: 'new-segment-dialog.tsx', opener: button('New segment') }],
  },
  {
    route: '/projects/$project/segments/$segment',
    address: `${IN}/segments/crowd?environment=production`,
    as: 'ada',
    shows: hostile,
    dialogs: [{ file: 'rename-segment-dialog.tsx', opener: button('Rename') }],
  },
  {
    route: '/projects/$project/changes',
    address: `${IN}/changes`,
    as: 'ada',
    shows: hostile,
    dialogs: [
      { file: 'revert-dialog.tsx', opener: button(/^Revert/) },
      { file: 'close-review-dialog.tsx', opener: button('Close') },
    ],
  },
  { route: '/projects/$project/hygiene', address: `${IN}/hygiene`, as: 'ada', shows: heading('Hygiene') },
  {
    route: '/projects/$project/keys',
    address: `${IN}/keys?environment=production`,
    as: 'ada',
    shows: hostile,
    dialogs: [
      { file: 'new-key-dialog.tsx', opener: button('New key') },
      { file: 'rotate-key-dialog.tsx', opener: button(/^Rotate/) },
      { file: 'revoke-key-dialog.tsx', opener: button(/^Revoke/) },
    ],
  },
  { route: '/projects/$project/fleet', address: `${IN}/fleet?environment=production`, as: 'ada', shows: hostile },
  {
    route: '/projects/$project/look-up',
    address: `${IN}/look-up?environment=production#context=${encodeURIComponent(JSON.stringify({ targetingKey: HTML }))}`,
    as: 'ada',
    shows: hostile,
  },
  {
    route: '/projects/$project/compare',
    address: `${IN}/compare`,
    as: 'ada',
    shows: (page) => page.getByRole('checkbox', { name: /banner/ }),
    dialogs: [
      {
        file: 'promote-dialog.tsx',
        prepare: (page) => page.getByRole('checkbox', { name: /banner/ }).check(),
        opener: (page) => page.getByTestId('open-promote'),
      },
    ],
  },
  { route: '/projects/$project/connect', address: `${IN}/connect`, as: 'ada', shows: heading('Connect an application') },
  {
    route: '/projects/$project/webhooks',
    address: `${IN}/webhooks`,
    as: 'ada',
    shows: heading('Webhooks'),
    dialogs: [{ file: 'webhook-dialog.tsx', opener: button('New webhook') }],
  },
  {
    route: '/projects/$project/members',
    address: `${IN}/members`,
    as: 'ada',
    shows: hostile,
    dialogs: [
      { file: 'give-dialog.tsx', opener: button('Give a right') },
      { file: 'confirm-dialog.tsx', opener: button(/^Take/) },
    ],
  },
  {
    route: '/projects/$project/settings',
    address: `${IN}/settings`,
    as: 'ada',
    shows: hostile,
    dialogs: [
      { file: 'new-project-dialog.tsx', opener: button('New project') },
      { file: 'environment-dialog.tsx', opener: button('New environment') },
      { file: 'attribute-dialog.tsx', opener: button('Declare attribute') },
    ],
  },
];

let bed: Bed;
let provider: YardarmProvider;
let pages: Record<Visit['as'], Page>;

beforeAll(async () => {
  bed = await makeBed();
  provider = await seedHostileTexts(bed);
  const [ada, newcomer] = [await bed.openAs('Ada', ADMIN, '/'), await bed.openAs('New', [], '/')];
  const nobody = await (
    await bed.browser.newContext({ viewport: { width: 1280, height: 1400 }, reducedMotion: 'reduce' })
  ).newPage();
  pages = { ada, newcomer, nobody };
  for (const page of Object.values(pages)) await page.context().addInitScript(WATCH);
});
afterAll(async () => {
  await provider?.onClose();
  await bed?.stop();
});

const noticed = (page: Page) => page.evaluate<string[]>('window.noticed');
/** What makes the page scroll sideways, from the outside in; what scrolls within its own frame does not count. */
const tooWide = (page: Page) =>
  page.evaluate<string[]>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const isFramed = (element) => element !== null && (getComputedStyle(element).overflowX !== 'visible' || isFramed(element.parentElement));
    return [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5 && !isFramed(element.parentElement))
      .map(({ tagName, className, textContent }) => tagName + ' ' + className + ': ' + textContent.slice(0, 40));
  })()`);

describe.each(VISITS)('$address', ({ address, as, shows, dialogs = [] }) => {
  let page: Page;

  it('comes with a policy that lets only the scripts of the server run, and shows texts as texts', async () => {
    page = pages[as];
    const response = await page.goto(`${bed.url}${address}`);
    const policy = String(response?.headers()['content-security-policy']);
    expect(policy).toMatch(/(^|;)\s*script-src 'self'(;|$)/);
    expect(policy).not.toContain('unsafe');
    await shows(page).waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await noticed(page)).toEqual([]);
  });

  it('is clean for axe in both themes', async () => {
    expect(await findViolations(page)).toEqual([]);
  });

  it('is no wider than a phone', async () => {
    const size = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 844 });
    const found = await tooWide(page);
    if (size) await page.setViewportSize(size);
    expect(found).toEqual([]);
  });

  it.each(dialogs)('$file takes the focus, is clean for axe, and gives the focus back', async ({ opener, prepare, tidy }) => {
    await prepare?.(page);
    const opened = page.locator('[role="dialog"][data-open]').last();
    const target = opener(page);
    const byKey = prepare !== undefined && (await target.evaluate(({ tagName }) => tagName)) === 'BODY';
    if (!byKey) {
      await target.focus();
      await page.keyboard.press('Enter');
    }
    await opened.waitFor();
    await expect.poll(() => opened.evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true);
    expect(await findViolations(page)).toEqual([]);
    expect(await noticed(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await opened.waitFor({ state: 'hidden' });
    if (!byKey) await expect.poll(() => target.evaluate((element) => element === document.activeElement)).toBe(true);
    await tidy?.(page);
  });
});

describe('this list', () => {
  it('has every address of the router', async () => {
    const known: string[] = await pages.ada.evaluate('Object.keys(window.__TSR_ROUTER__.routesByPath)');
    const routes = new Set(known.map((route) => route.replace(/(.)\/$/, '$1')));
    expect([...routes].sort()).toEqual([...new Set(VISITS.map(({ route }) => route))].sort());
  });

  it('has every module with a dialog', async () => {
    const files = repositoryFiles().filter((file: string) => file.startsWith('apps/admin-ui/src/') && file.endsWith('.tsx'));
    const texts = await Promise.all(files.map((file: string) => readFile(path.join(root, file), 'utf8')));
    const withDialog = files
      .filter((_, index) => /<Dialog\s+[a-z]/.test(texts[index] ?? ''))
      .map((file: string) => path.basename(file));
    const visited = VISITS.flatMap(({ dialogs = [] }) => dialogs.map(({ file }) => file));
    expect(withDialog.sort()).toEqual([...new Set([...visited, ...OPENED_ELSEWHERE])].sort());
  });
});

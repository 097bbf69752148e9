/** Many flags at once, and what is known of each: selections, saved views, the environment of all pages, charts, verdicts and hygiene. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findViolations } from './support/axe.ts';
import { ADMIN, type Bed, makeBed, makeProject } from './support/bed.ts';
import { HANDS, type Hands } from './support/hands.ts';

const HOSTILE = '<img src=x onerror="window.broken=1">';
const OVERDUE = '2020-01-31';
const COMMIT = 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678';

let bed: Bed;
const refused: string[] = [];

beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.stop());

/** `flag` has `prerequisite` as one in staging. */
async function dependOn(project: string, flag: string, prerequisite: string): Promise<void> {
  const path = `/projects/${project}/flags/${flag}/environments/staging`;
  const { version } = await bed.call<{ version: number }>('GET', path);
  const body = { prerequisites: [{ flag: prerequisite, variants: ['on'] }] };
  await bed.call('PATCH', path, body, { 'if-match': `"v${version}"` });
}

async function report(secret: string): Promise<void> {
  const nowMs = Date.now();
  const count = { flag: 'checkout', reason: 'STATIC', defaultServed: false, defaultHash: 'd1' };
  const batch = {
    ...{
      instance: 'one',
      sdk: 'test/1',
      app: { name: 'shop', version: '1.0' },
      seq: 1,
      from: nowMs,
      to: nowMs,
      sentAt: nowMs,
      lost: 0,
    },
    counts: [
      { ...count, variant: 'on', n: 1_203 },
      { ...count, variant: 'off', defaultHash: 'd2', n: 1 },
      { ...count, flag: HOSTILE, variant: null, reason: 'ERROR', defaultServed: true, n: 5 },
    ],
  };
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const { status } = await fetch(`${bed.url}/sync/v1/telemetry`, { method: 'POST', headers, body: JSON.stringify(batch) });
  expect(status).toBe(204);
}

describe.each(HANDS)('by $name', ({ name, of: makeHands }) => {
  const project = `shop-${name}`;
  let ada: Page;
  let hands: Hands;

  beforeAll(async () => {
    await makeProject(bed.call, project);
    for (const key of ['banner', 'basket', 'checkout', 'search'])
      await bed.call('POST', `/projects/${project}/flags`, {
        ...{ key, kind: 'operational', variants: { on: true, off: false }, owner: 'growth' },
        ...(key === 'search' && { owner: 'discovery', expiresOn: OVERDUE }),
      });
    await dependOn(project, 'checkout', 'basket');
    await report(await bed.makeKey('production', project));
    await bed.call('PUT', `/projects/${project}/code-references`, {
      ...{ repository: 'acme/shop', branch: 'main', commit: COMMIT, isDefaultBranch: true, rest: [] },
      lineUrl: 'https://git.example.com/shop/blob/{commit}/{path}#L{line}',
      references: [{ flagKey: 'checkout', path: 'src/checkout.ts', line: 7, kind: 'call', text: HOSTILE }],
    });
    ada = await bed.openAs(`ada-${name}`, ADMIN, `/projects/${project}/flags`);
    ada.on('console', (message) => /Content Security Policy|Uncaught/.test(message.text()) && refused.push(message.text()));
    ada.on('pageerror', ({ message }) => refused.push(message));
    hands = makeHands(ada);
  });

  const tagsOf = async (flag: string) => (await bed.call<{ tags: string[] }>('GET', `/projects/${project}/flags/${flag}`)).tags;
  const bar = () => ada.getByRole('region', { name: 'Selected flags' });

  describe('the list of flags', () => {
    it('selects by keyboard, a range and all, and tags what is selected in one change set', async () => {
      await ada.getByTestId('flag-banner').waitFor();
      await ada.keyboard.press('j');
      await ada.locator(':focus', { hasText: 'banner' }).waitFor();
      await ada.keyboard.press('x');
      await ada.keyboard.press('j');
      await ada.locator(':focus', { hasText: 'basket' }).waitFor();
      await ada.keyboard.press('j');
      await ada.locator(':focus', { hasText: 'checkout' }).waitFor();
      await ada.keyboard.press('Shift+X');
      await bar().getByText('3 flags').waitFor();
      expect(await findViolations(ada)).toEqual([]);

      await hands.press(bar().getByRole('button', { name: 'Add tag' }));
      await hands.write(ada.getByRole('combobox', { name: 'Tag' }), 'q3');
      expect(await findViolations(ada)).toEqual([]);
      await ada.keyboard.press('Enter');
      await bar().getByText('3 flags tagged').waitFor();
      expect([await tagsOf('banner'), await tagsOf('search')]).toEqual([['q3'], []]);
      await hands.tick(ada.getByTestId('select-all'));
      await bar().getByText('4 flags').waitFor();
      await hands.press(bar().getByRole('button', { name: 'Select none' }));
    });

    it('stands in the order and has the columns that are chosen, which go along with its address and its views', async () => {
      const keys = () => ada.getByRole('rowheader').getByRole('link').allTextContents();
      const header = (column: string) => ada.getByRole('columnheader', { name: column });
      const sort = (by: string) => hands.press(ada.getByRole('columnheader').getByRole('button', { name: by }));
      expect(await keys()).toEqual(['banner', 'basket', 'checkout', 'search']);
      await sort('Expiry');
      await expect.poll(keys).toEqual(['search', 'banner', 'basket', 'checkout']);
      expect(await header('Expiry').getAttribute('aria-sort')).toBe('ascending');
      expect(await header('Expiry').getByRole('button', { pressed: true }).allTextContents()).toEqual(['Expiry']);
      await sort('Evaluated');
      await sort('Evaluated');
      await expect.poll(keys).toEqual(['checkout', 'banner', 'basket', 'search']);
      expect(await header('Evaluated').getAttribute('aria-sort')).toBe('descending');

      await hands.press(ada.getByRole('button', { name: 'Columns' }));
      await hands.tick(ada.getByRole('checkbox', { name: 'Column Owner, expiry' }));
      await hands.tick(ada.getByRole('checkbox', { name: 'Column Created' }));
      await hands.tick(ada.getByRole('checkbox', { name: 'Column Staging' }));
      await header('Created').waitFor();
      expect([await header('Expiry').count(), await header('Staging').count()]).toEqual([0, 0]);
      expect(await findViolations(ada)).toEqual([]);
      await hands.choose(ada.getByRole('combobox', { name: 'Order' }), 'Newest first');
      await expect.poll(keys).toEqual(['search', 'checkout', 'basket', 'banner']);
      await ada.waitForURL(/sort=-created&columns=/);

      await ada.reload();
      await header('Created').waitFor();
      await expect.poll(keys).toEqual(['search', 'checkout', 'basket', 'banner']);
      await hands.press(ada.getByRole('button', { name: 'Save view' }));
      await hands.write(ada.getByRole('textbox', { name: 'Name' }), 'Newest');
      await hands.press(ada.getByRole('button', { name: 'Save', exact: true }));
      await hands.press(ada.getByRole('button', { name: 'Columns' }));
      await hands.press(ada.getByRole('button', { name: 'As usual' }));
      await header('Staging').waitFor();
      await hands.press(
        ada.getByRole('navigation', { name: 'Saved views' }).getByRole('button', { name: 'Newest', exact: true }),
      );
      await header('Staging').waitFor({ state: 'detached' });
      expect(await keys()).toEqual(['search', 'checkout', 'basket', 'banner']);
      await hands.press(ada.getByRole('button', { name: 'Delete the view Newest' }));
      await hands.press(ada.getByRole('button', { name: 'As usual' }));
      await header('Staging').waitFor();
    });

    it('names a flag that could not be archived, with the reason, and archives the others', async () => {
      await hands.tick(ada.getByTestId('select-banner'));
      await hands.tick(ada.getByTestId('select-basket'));
      await hands.press(bar().getByRole('button', { name: 'Archive' }));
      await hands.write(ada.getByRole('textbox', { name: 'Reason' }), 'Nobody needs them');
      await hands.press(ada.getByRole('button', { name: 'Archive 2 flags' }));
      await ada.getByRole('dialog').getByText("Flag 'basket' is a prerequisite of 'checkout'").waitFor();
      expect(await findViolations(ada)).toEqual([]);
      await hands.press(ada.getByRole('dialog').getByRole('button', { name: 'Close' }).last());
      await ada.getByTestId('flag-banner').waitFor({ state: 'detached' });
      await ada.getByTestId('flag-basket').waitFor();
    });

    it('keeps filters under a name, for oneself and for everybody', async () => {
      await hands.choose(ada.getByRole('combobox', { name: 'Owner' }), 'discovery');
      await hands.press(ada.getByRole('button', { name: 'Save view' }));
      await hands.write(ada.getByRole('textbox', { name: 'Name' }), HOSTILE);
      await hands.choose(ada.getByRole('combobox', { name: 'Who has it' }), 'For everybody in the project');
      expect(await findViolations(ada)).toEqual([]);
      await ada.keyboard.press('Escape');
      await hands.press(ada.getByRole('button', { name: 'Save view' }));
      await hands.write(ada.getByRole('textbox', { name: 'Name' }), HOSTILE);
      await hands.choose(ada.getByRole('combobox', { name: 'Who has it' }), 'For everybody in the project');
      const grace = await bed.openAs(`grace-${name}`, [{ role: 'viewer', project: project }], `/projects/${project}/flags`);
      await grace.getByText('Live', { exact: true }).waitFor();
      await hands.press(ada.getByRole('button', { name: 'Save', exact: true }));
      await ada.getByRole('navigation', { name: 'Saved views' }).getByRole('button', { name: HOSTILE, exact: true }).waitFor();

      // Without reloading: the page was open before it was shared.
      await grace.getByRole('button', { name: HOSTILE, exact: true }).click();
      await grace.getByTestId('flag-checkout').waitFor({ state: 'detached' });
      await grace.getByTestId('flag-search').waitFor();
      // It is not hers to delete.
      expect(await grace.getByRole('button', { name: /^Delete the view/ }).count()).toBe(0);
      await grace.context().close();
      await hands.press(ada.getByRole('button', { name: 'Clear' }));
    });
  });

  describe('leaving the list', () => {
    it('while its search is still on the way into the address leads where the link leads', async () => {
      const page = await bed.openAs(`linus-${name}`, ADMIN, `/projects/${project}/flags`);
      await page.getByTestId('flag-search').waitFor();
      let load = () => {};
      const loading = new Promise<void>((resolve) => {
        load = resolve;
      });
      await page.route('**/keys-page-*.js', async (route) => {
        await loading;
        await route.continue();
      });
      const asked = page.waitForRequest('**/keys-page-*.js');
      await page.getByRole('searchbox', { name: 'Search flags' }).fill('search');
      await page.getByRole('link', { name: 'SDK keys' }).click();
      await page.waitForURL(/keys/);
      await asked;
      // Behind the timer of the search, which was set before.
      await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
      load();
      await page.getByRole('heading', { level: 1, name: 'SDK keys' }).waitFor();
      await page.context().close();
    });
  });

  describe('the environment of all pages', () => {
    it('is chosen once, stands in the address and goes along', async () => {
      await hands.choose(ada.getByRole('combobox', { name: 'Environment', exact: true }), 'Staging');
      await ada.waitForURL(/environment=staging/);
      await hands.press(ada.getByRole('link', { name: 'SDK keys' }));
      await ada.waitForURL(/keys\?.*environment=staging/);
      // The address changes before the page does.
      await ada.getByRole('heading', { level: 1, name: 'SDK keys' }).waitFor();
      await ada.keyboard.press('Control+k');
      await hands.write(ada.getByRole('combobox', { name: 'Command' }), 'environment production');
      await ada.getByRole('option', { name: 'Switch to environment Production', selected: true }).waitFor();
      await ada.keyboard.press('Enter');
      await ada.waitForURL(/keys\?.*environment=production/);
    });
  });

  describe('the page of a flag', () => {
    it('draws its evaluations by variant, and has the same numbers as a table', async () => {
      await ada.goto(`${bed.url}/projects/${project}/flags/checkout`);
      await ada.locator('figure canvas').waitFor();
      await hands.press(ada.getByText('As a table'));
      const today = ada.getByRole('region', { name: 'Evaluations as a table' }).getByRole('row').nth(1);
      expect((await today.getByRole('cell').allTextContents()).sort()).toEqual(['1', '1,203']);
    });

    it('says whether it can go, with every fact, and where code names it', async () => {
      const verdict = ada.getByTestId('verdict');
      await verdict.waitFor();
      expect(await verdict.getAttribute('data-verdict')).toBe('blocked');
      expect(await ada.getByTestId('fact-default_branches').getAttribute('data-state')).toBe('blocks');
      expect(await verdict.getByTestId(/^fact-/).count()).toBe(6);
      const place = ada.getByTestId('code-references').getByRole('link', { name: 'src/checkout.ts:7' });
      expect(await place.getAttribute('href')).toBe(`https://git.example.com/shop/blob/${COMMIT}/src/checkout.ts#L7`);
      await ada.getByText(HOSTILE).waitFor();
      expect(await findViolations(ada)).toEqual([]);
    });
  });

  describe('the hygiene page', () => {
    it('lists what is due and whose it is, and as a calendar', async () => {
      await hands.press(ada.getByRole('link', { name: 'Hygiene' }));
      const overdue = ada.getByTestId('assessed-search');
      await overdue.getByText('discovery').waitFor();
      await ada.getByText(HOSTILE).waitFor();
      expect(await findViolations(ada)).toEqual([]);
      await hands.choose(ada.getByRole('combobox', { name: 'Expiries as' }), 'As a calendar');
      await hands.press(ada.getByRole('button', { name: 'Month before' }));
      expect(await findViolations(ada)).toEqual([]);
      await hands.choose(ada.getByRole('combobox', { name: 'Expiries as' }), 'As a list');
    });

    it('snoozes a flag for a reason', async () => {
      await hands.press(ada.getByRole('button', { name: 'Snooze search' }));
      await hands.write(ada.getByRole('textbox', { name: 'Reason' }), 'After the sale');
      expect(await findViolations(ada)).toEqual([]);
      await hands.press(ada.getByRole('dialog').getByRole('button', { name: 'Snooze' }));
      await ada.getByTestId('assessed-search').getByText('After the sale').waitFor();
      const { snooze } = await bed.call<{ snooze: unknown }>('GET', `/projects/${project}/flags/search`);
      expect(snooze).toMatchObject({ reason: 'After the sale' });
    });

    it('ran no text as code, and met the content security policy everywhere', async () => {
      expect(await ada.evaluate('window.broken')).toBeUndefined();
      expect(refused).toEqual([]);
    });
  });
});

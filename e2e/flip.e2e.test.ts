/** A person flips flags in the admin UI; the shop's open page, its server and other people's browsers follow. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_TOKEN, type Launched, launchYardarm, temporaryDirectory, waitUntil } from '../scripts/launch.mjs';
import { launchBrowser, newSession } from './support/browser.ts';
import { markDocument, openShop, serverValue } from './support/shop-page.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let yardarm: Launched;
let browser: Browser;
let admin: Page;
let shop: Page;

beforeAll(async () => {
  directory = await temporaryDirectory();
  yardarm = await launchYardarm({ dataDirectory: directory.path });
  browser = await launchBrowser();
  admin = await newSession(browser);
  shop = await newSession(browser);
});
afterAll(async () => {
  await browser?.close();
  await yardarm?.stop();
  await directory?.remove();
});

const recommendationsSwitch = (page: Page) => page.getByTestId('switch-recommendations-production');

describe('the printed sign-in link', () => {
  it('opens the list of flags, and works once', async () => {
    await admin.goto(yardarm.signInUrl);
    await recommendationsSwitch(admin).waitFor();
    expect(await recommendationsSwitch(admin).getAttribute('aria-checked')).toBe('true');
    expect(new URL(admin.url()).hash).toBe('');

    const other = await newSession(browser);
    await other.goto(yardarm.signInUrl);
    await other.getByRole('alert').first().waitFor();
    expect(await recommendationsSwitch(other).count()).toBe(0);
    await other.context().close();
  });
});

describe('a kill in the admin UI', () => {
  it("removes the recommendations from the shop's open page and from its server, and an unkill brings them back", async () => {
    await openShop(shop, yardarm.shopUrl);
    const isSameDocument = await markDocument(shop);
    const block = shop.getByTestId('recommendations');
    expect(await block.isVisible()).toBe(true);

    await recommendationsSwitch(admin).click();
    await block.waitFor({ state: 'hidden' });
    await waitUntil(
      async () => (await serverValue(yardarm.shopUrl, 'recommendations')) === false,
      5_000,
      () => "the shop's server",
    );
    expect(await recommendationsSwitch(admin).getAttribute('aria-checked')).toBe('false');

    await recommendationsSwitch(admin).click();
    await block.waitFor({ state: 'visible' });
    expect(await isSameDocument()).toBe(true);
  });

  it('leaves the other environments alone', async () => {
    await recommendationsSwitch(admin).click();
    await shop.getByTestId('recommendations').waitFor({ state: 'hidden' });
    expect(await admin.getByTestId('switch-recommendations-staging').getAttribute('aria-checked')).toBe('true');
    await recommendationsSwitch(admin).click();
    await shop.getByTestId('recommendations').waitFor({ state: 'visible' });
  });
});

describe('another person', () => {
  it('sees the change in an open admin UI without reloading', async () => {
    const second = await newSession(browser);
    await second.request.post(`${yardarm.adminUrl}/api/v1/session`, { data: { token: API_TOKEN } });
    await second.goto(`${yardarm.adminUrl}${new URL(admin.url()).pathname}`);
    await recommendationsSwitch(second).waitFor();
    const isSameDocument = await markDocument(second);

    await recommendationsSwitch(admin).click();
    await second.locator('[data-testid="switch-recommendations-production"][aria-checked="false"]').waitFor();
    await recommendationsSwitch(second).click();
    await admin.locator('[data-testid="switch-recommendations-production"][aria-checked="true"]').waitFor();
    expect(await isSameDocument()).toBe(true);
    await second.context().close();
  });
});

describe('a percentage raised in the admin UI', () => {
  it('reaches more of the crowd, keeps everybody who was in, and says how many instances run it', async () => {
    const inNew = () => shop.locator('[data-testid="crowd"] .in').count();
    const members = () =>
      shop
        .getByTestId('crowd')
        .evaluate((crowd) => [...crowd.children].flatMap((dot, index) => (dot.className.includes('in') ? [index] : [])));
    await shop.getByTestId('recommendations').waitFor({ state: 'visible' });
    const before = await members();
    expect(before.length).toBeGreaterThan(5);
    expect(before.length).toBeLessThan(50);

    await admin.getByRole('link', { name: 'new-checkout' }).first().click();
    await admin.getByTestId('percentage-production').fill('60');
    await admin.getByTestId('publish-production').click();
    await waitUntil(
      async () => (await inNew()) > 40,
      5_000,
      () => 'more visitors with the new checkout',
    );
    const after = await members();
    expect(after.length).toBeLessThan(80);
    expect(after).toEqual(expect.arrayContaining(before));
    await admin.locator('[data-testid="receipt-production"][data-settled="true"]').waitFor();

    // Server and browser decide alike, whoever is looking.
    const valueIn = (where: string) => shop.getByTestId(`answer-new-checkout-${where}`).getAttribute('data-value');
    for (let visitor = 0; visitor < 8; visitor++) {
      await shop.getByTestId('next-visitor').click();
      await waitUntil(
        async () => (await valueIn('server')) === (await valueIn('browser')),
        2_000,
        () => 'the same answer on the server and in the browser',
      );
    }

    await admin.getByTestId('percentage-production').fill('100');
    await admin.getByTestId('publish-production').click();
    await shop.locator('[data-testid="new-checkout"][data-checkout="new"]').waitFor();
    await waitUntil(
      async () => (await inNew()) === 100,
      5_000,
      () => 'everybody with the new checkout',
    );
  });
});

describe('the shop', () => {
  it('shows the badge to beta testers only, decided by a segment', async () => {
    const badge = shop.getByTestId('beta-badge');
    expect(await badge.isVisible()).toBe(false);
    await shop.getByTestId('beta-tester').check();
    await badge.waitFor({ state: 'visible' });
    await shop.getByTestId('beta-tester').uncheck();
    await badge.waitFor({ state: 'hidden' });
  });

  it('shows the banner of the string flag, and searches as the object flag says', async () => {
    expect(await shop.getByTestId('banner-text').textContent()).toContain('Free shipping');
    await shop.getByRole('searchbox').fill('danger');
    await shop.getByTestId('search-hits').getByText('Uniform').waitFor();
    expect(await shop.getByTestId('search-config').textContent()).toContain('At most 8 results, forgiving of gaps');
    expect(await shop.getByTestId('answer-search-config-browser').textContent()).toContain('not sent to browsers');
  });

  it('prints nothing but what it was asked for', () => {
    expect(yardarm.output()).not.toMatch(/error:|at file:/);
    expect(yardarm.output()).not.toContain(API_TOKEN);
  });
});

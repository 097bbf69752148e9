/** A person edits who gets what: rules, targets, shares; judged while it is typed, published with a reason, and never over somebody else's work unseen. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_TOKEN, type Launched, launchYardarm, temporaryDirectory } from '../scripts/launch.mjs';
import { callApi } from './support/api.ts';
import { findViolations } from './support/axe.ts';
import { launchBrowser, newSession } from './support/browser.ts';
import { HANDS, type Hands } from './support/hands.ts';

interface Configured {
  readonly rules: readonly { readonly id: string }[];
  readonly targets: readonly unknown[];
  readonly fallthrough: unknown;
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let yardarm: Launched;
let browser: Browser;
let admin: Page;

beforeAll(async () => {
  directory = await temporaryDirectory();
  yardarm = await launchYardarm({ dataDirectory: directory.path });
  browser = await launchBrowser();
  admin = await signedIn();
});
afterAll(async () => {
  await browser?.close();
  await yardarm?.stop();
  await directory?.remove();
});

async function signedIn(): Promise<Page> {
  const page = await newSession(browser);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.request.post(`${yardarm.adminUrl}/api/v1/session`, { data: { token: API_TOKEN } });
  return page;
}

async function addRule(hands: Hands, page: Page, attribute: string, value: string): Promise<void> {
  await hands.press(page.getByRole('button', { name: 'Add rule' }));
  await hands.write(page.getByRole('combobox', { name: /^Attribute of rule/ }), attribute);
  await hands.write(page.getByRole('textbox', { name: /^Value of rule/ }), value);
}

async function publish(hands: Hands, page: Page, reason: string): Promise<void> {
  await hands.press(page.getByTestId('review'));
  await hands.write(page.getByRole('textbox', { name: /^Reason/ }), reason);
  await hands.press(page.getByTestId('publish'));
}

async function untilPublished(page: Page): Promise<void> {
  await page.getByTestId('review').waitFor({ state: 'hidden' });
}

describe.each(HANDS)('by $name', ({ name, of: makeHands }) => {
  const flag = `checkout-${name}`;
  const path = `/projects/shop/flags/${flag}`;
  const segment = `staff-${name}`;
  /** A flag that asks for the segment. */
  const asking = `lunch-${name}`;
  let hands: Hands;
  beforeAll(async () => {
    hands = makeHands(admin);
    for (const key of [flag, asking]) {
      const body = { key, kind: 'release', variants: { on: true, off: false }, owner: 'payments' };
      await callApi(yardarm.adminUrl, 'POST', '/projects/shop/flags', { body });
    }
    const inProduction = `${path}/environments/production`;
    const weights = [
      ['on', 25_000],
      ['off', 75_000],
    ];
    await callApi(yardarm.adminUrl, 'POST', `${inProduction}/unkill`);
    const { version } = await callApi<{ version: number }>(yardarm.adminUrl, 'GET', inProduction);
    await callApi(yardarm.adminUrl, 'PATCH', inProduction, { body: { fallthrough: { split: { weights } } }, version });
  });

  const published = () => callApi<Configured>(yardarm.adminUrl, 'GET', `${path}/environments/production`);
  const ruleIds = async () => (await published()).rules.map(({ id }) => id);

  describe('the targeting of a flag in one environment', () => {
    it('says of a rule that is not finished what is missing, and does not let it be published', async () => {
      await admin.goto(yardarm.adminUrl + path);
      await hands.press(admin.getByTestId('targeting-production'));
      await hands.press(admin.getByRole('button', { name: 'Add rule' }));
      await admin.getByText('Name an attribute of the context').waitFor();
      expect(await admin.getByTestId('review').isDisabled()).toBe(true);
      await hands.press(admin.getByRole('button', { name: 'Discard' }));
      await untilPublished(admin);
    });

    it('publishes a rule with values, a group and shares, after a look at what changes', async () => {
      await hands.press(admin.getByRole('button', { name: 'Add rule' }));
      await hands.write(admin.getByRole('combobox', { name: 'Attribute of rule 1' }), 'country');
      await hands.choose(admin.getByRole('combobox', { name: 'Operator of rule 1' }), 'is one of');
      await hands.write(admin.getByRole('textbox', { name: 'Values of rule 1' }), 'DE, AT,');
      await hands.press(admin.getByRole('button', { name: 'Add to rule 1: group' }));
      await hands.write(admin.getByRole('combobox', { name: 'Attribute of rule 1' }).last(), 'app.version');
      await hands.choose(admin.getByRole('combobox', { name: 'Operator of rule 1' }).last(), 'is version … or newer');
      await hands.write(admin.getByRole('textbox', { name: 'Value of rule 1' }), '2.1.0');
      await hands.choose(admin.getByRole('combobox', { name: 'What rule 1 serves' }), 'a percentage of each');
      await hands.write(admin.getByRole('textbox', { name: 'Percentage of share 1 of rule 1' }), '12.5');
      expect(await findViolations(admin)).toEqual([]);

      await hands.press(admin.getByTestId('review'));
      await admin.getByText('if country is one of "DE", "AT" and app.version is version "2.1.0" or newer').last().waitFor();
      expect(await findViolations(admin)).toEqual([]);
      await hands.write(admin.getByRole('textbox', { name: /^Reason/ }), 'The new checkout speaks German only');
      await hands.press(admin.getByTestId('publish'));
      await untilPublished(admin);
      await admin.locator('[data-testid="receipt-production"][data-settled="true"]').waitFor();

      const { rules } = await published();
      expect(rules).toMatchObject([
        {
          when: {
            all: [
              { attribute: 'country', op: 'in', values: ['DE', 'AT'] },
              { any: [{ attribute: 'app.version', op: 'semver_gte', values: ['2.1.0'] }] },
            ],
          },
          serve: {
            split: {
              weights: [
                [expect.any(String), 12_500],
                [expect.any(String), 87_500],
              ],
            },
          },
        },
      ]);
    });

    it('tries an edit out on a context before it is published, as the server will answer after it', async () => {
      await hands.write(
        admin.getByRole('textbox', { name: 'Context' }),
        '{ "targetingKey": "user-7", "country": "DE", "app": { "version": "2.2.0" } }',
      );
      await hands.press(admin.getByRole('button', { name: 'Add target' }));
      await hands.write(admin.getByRole('textbox', { name: /^Keys that get/ }), 'user-7,');
      const variant = await admin.getByRole('combobox', { name: 'Variant of target 1' }).inputValue();
      await admin.getByTestId('evaluation').getByText(`user-7 is a target of ${variant}`).waitFor();
      await publish(hands, admin, '');
      await untilPublished(admin);
      expect((await published()).targets).toEqual([{ variant, keys: ['user-7'] }]);

      await hands.write(admin.getByRole('textbox', { name: 'Context' }), '{ "targetingKey": "user-12" }');
      const drawn = await admin
        .getByTestId('evaluation')
        .getByText(/^Split by targetingKey/)
        .textContent();
      await admin.goto(yardarm.adminUrl + path);
      await hands.choose(admin.getByRole('combobox', { name: 'Environment to evaluate in' }), 'Production');
      await hands.write(admin.getByRole('textbox', { name: 'Context' }), '{ "targetingKey": "user-12" }');
      await hands.press(admin.getByRole('button', { name: 'Evaluate' }));
      expect(
        await admin
          .getByTestId('evaluation')
          .getByText(/^Split by targetingKey/)
          .textContent(),
      ).toBe(drawn);
      await hands.press(admin.getByTestId('targeting-production'));
    });

    it('reorders rules, one by one and, with a mouse, by dragging', async () => {
      await addRule(hands, admin, 'plan', 'pro');
      await publish(hands, admin, '');
      await untilPublished(admin);
      const [first, second] = (await ruleIds()) as [string, string];

      await hands.press(admin.getByRole('button', { name: 'Move rule 2 up' }));
      await publish(hands, admin, '');
      await untilPublished(admin);
      expect(await ruleIds()).toEqual([second, first]);

      if (name === 'mouse') await admin.getByTestId(`grip-${first}`).dragTo(admin.getByTestId(`grip-${second}`));
      else await hands.press(admin.getByRole('button', { name: 'Move rule 2 up' }));
      await publish(hands, admin, '');
      await untilPublished(admin);
      expect(await ruleIds()).toEqual([first, second]);
    });

    it('asks before an edit is left, and keeps it when told to stay', async () => {
      await addRule(hands, admin, 'beta', 'yes');
      await hands.press(admin.getByRole('link', { name: 'Changes' }));
      await hands.press(admin.getByRole('dialog').getByRole('button', { name: 'Stay' }));
      expect(await admin.getByTestId('review').isVisible()).toBe(true);
      await hands.press(admin.getByRole('button', { name: 'Discard' }));
      await untilPublished(admin);
    });
  });

  describe('a segment', () => {
    const members = () =>
      callApi<{ include: unknown; exclude: unknown; when: unknown }>(
        yardarm.adminUrl,
        'GET',
        `/projects/shop/segments/${segment}/environments/production`,
      );

    it('is made, filled in one environment, asked for by a rule, and then names that flag', async () => {
      await hands.press(admin.getByRole('link', { name: 'Segments' }));
      await hands.press(admin.getByRole('button', { name: 'New segment' }));
      expect(await findViolations(admin)).toEqual([]);
      await hands.write(admin.getByRole('textbox', { name: 'Key' }), segment);
      await hands.write(admin.getByRole('textbox', { name: 'Name' }), 'Our own staff');
      await hands.press(admin.getByRole('button', { name: 'Create segment' }));
      await hands.press(admin.getByRole('button', { name: 'Production' }));
      await hands.write(admin.getByRole('textbox', { name: 'Always in it' }), 'ada, grace,');
      await hands.write(admin.getByRole('textbox', { name: 'Never in it' }), 'mallory,');
      await hands.press(admin.getByRole('button', { name: 'Add condition' }));
      await hands.write(admin.getByRole('combobox', { name: 'Attribute of the segment' }), 'email');
      await hands.choose(admin.getByRole('combobox', { name: 'Operator of the segment' }), 'ends with');
      await hands.write(admin.getByRole('textbox', { name: 'Values of the segment' }), '@example.com,');
      expect(await findViolations(admin)).toEqual([]);
      await publish(hands, admin, 'Who works here');
      await untilPublished(admin);
      expect(await members()).toMatchObject({
        include: ['ada', 'grace'],
        exclude: ['mallory'],
        when: { attribute: 'email', op: 'ends_with', values: ['@example.com'] },
      });

      await admin.goto(`${yardarm.adminUrl}/projects/shop/flags/${asking}/environments/production`);
      await hands.press(admin.getByRole('button', { name: 'Add rule' }));
      await hands.press(admin.getByRole('button', { name: 'Add to rule 1: segment' }));
      await hands.choose(admin.getByRole('combobox', { name: 'Segment of rule 1' }), `Our own staff (${segment})`);
      await hands.press(admin.getByRole('button', { name: 'Remove this condition of rule 1' }).first());
      await hands.write(admin.getByRole('textbox', { name: 'Context' }), '{ "targetingKey": "ada" }');
      await admin.getByTestId('evaluation').getByText(`in segment ${segment}: ada is always in it`).waitFor();
      await publish(hands, admin, '');
      await untilPublished(admin);
      await admin.goto(`${yardarm.adminUrl}/projects/shop/segments/${segment}?environment=production`);
      await admin.getByRole('link', { name: asking }).waitFor();
    });

    it('keeps an edit of one environment from being lost unasked by a look at another', async () => {
      await hands.write(admin.getByRole('textbox', { name: 'Always in it' }), 'zoe,');
      const tabs = admin.getByRole('navigation', { name: 'Environments' });
      await hands.press(tabs.getByRole('button').first());
      await hands.press(admin.getByRole('dialog').getByRole('button', { name: 'Stay' }));
      await admin.getByRole('button', { name: 'Remove zoe' }).waitFor();
      await hands.press(admin.getByRole('button', { name: 'Discard' }));
      await untilPublished(admin);
    });

    it('is not deleted while a rule asks for it, and the page says so', async () => {
      await hands.press(admin.getByRole('button', { name: 'Delete' }));
      await hands.press(admin.getByRole('dialog').getByRole('button', { name: 'Delete' }));
      await admin.getByRole('alert').getByText(asking).waitFor();
      await hands.press(admin.getByRole('button', { name: 'Cancel' }));
      await admin.goto(`${yardarm.adminUrl}${path}/environments/production`);
    });
  });

  describe('two people at once', () => {
    it('shows who publishes second theirs and mine, and publishes mine over only what mine changes', async () => {
      const other = await signedIn();
      await other.goto(admin.url());
      await addRule(hands, admin, 'tier', 'gold');
      await other.getByRole('combobox', { name: 'What everybody else serves' }).selectOption({ label: 'on' });
      await publish(HANDS[0].of(other), other, 'Everybody');
      await untilPublished(other);

      await admin.getByText('Somebody has changed it while you edited.').waitFor();
      // The notice of it stays for as long as the mouse is on it: over the button it would take every press.
      const notice = await admin.locator('.toasts').filter({ hasText: 'Everybody' }).boundingBox();
      const review = await admin.getByTestId('review').boundingBox();
      expect(notice!.y + notice!.height).toBeLessThan(review!.y);
      await publish(hands, admin, 'Gold first');
      const conflict = admin.getByTestId('conflict');
      await conflict.getByText('tier').waitFor();
      await conflict.getByText('everybody else').waitFor();
      expect(await findViolations(admin)).toEqual([]);
      await hands.press(admin.getByRole('button', { name: 'Publish mine over it' }));
      await untilPublished(admin);

      const { rules, fallthrough } = await published();
      expect(fallthrough).toEqual({ variant: 'on' });
      expect(rules).toHaveLength(3);
      await other.context().close();
    });
  });
});

describe('the command palette', () => {
  const isOn = async () =>
    (await callApi<{ on: boolean }>(yardarm.adminUrl, 'GET', '/projects/shop/flags/recommendations/environments/production')).on;

  it('kills a flag by keyboard alone, and takes it back', async () => {
    await admin.getByRole('button', { name: 'Add rule' }).waitFor();
    await admin.keyboard.press('Control+k');
    await admin.getByRole('combobox', { name: 'Command' }).waitFor();
    await admin.keyboard.type('kill recomm prod');
    await admin.getByRole('option', { name: 'Kill recommendations in Production', selected: true }).waitFor();
    expect(await findViolations(admin)).toEqual([]);
    await admin.keyboard.press('Enter');
    await admin.getByRole('region', { name: 'Last switch' }).getByText('recommendations').waitFor();
    expect(await isOn()).toBe(false);

    await admin.keyboard.press('Control+k');
    await admin.keyboard.type('recommendations production on');
    await admin.getByRole('option', { name: 'Switch recommendations on in Production', selected: true }).waitFor();
    await admin.keyboard.press('Enter');
    await expect.poll(isOn).toBe(true);
  });

  it('leads to pages and to the targeting of a flag, with the arrows', async () => {
    await admin.keyboard.press('Control+k');
    await admin.getByRole('combobox', { name: 'Command' }).fill('new-checkout prod');
    await admin.getByRole('option', { name: 'Open new-checkout', selected: true }).waitFor();
    await admin.keyboard.press('ArrowDown');
    await admin.getByRole('option', { name: 'Edit targeting of new-checkout in Production', selected: true }).waitFor();
    await admin.keyboard.press('Enter');
    await admin.waitForURL('**/flags/new-checkout/environments/production');
    // Until it is gone, keys are its own.
    await admin.getByRole('combobox', { name: 'Command' }).waitFor({ state: 'hidden' });
    await admin.keyboard.press('?');
    await admin.getByRole('dialog').getByText('Search the list of flags').waitFor();
    expect(await findViolations(admin)).toEqual([]);
    await admin.keyboard.press('Escape');
  });
});

it('keeps an edit whose author is signed out meanwhile, and publishes it once they have signed in elsewhere', async () => {
  const flag = { key: 'signed-out', kind: 'release', variants: { on: true, off: false }, owner: 'payments' };
  await callApi(yardarm.adminUrl, 'POST', '/projects/shop/flags', { body: flag });
  const page = await signedIn();
  const [hands] = HANDS.map(({ of }) => of(page)) as [Hands];
  await page.goto(`${yardarm.adminUrl}/projects/shop/flags/signed-out/environments/production`);
  await addRule(hands, page, 'country', 'DE');
  await page.context().clearCookies();
  await publish(hands, page, 'Germany first');
  await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
  expect(await findViolations(page)).toEqual([]);
  const tab = page.context().waitForEvent('page');
  await hands.press(page.getByRole('button', { name: 'Sign in in another tab' }));
  await (await tab).getByRole('heading', { name: 'Sign in to Yardarm' }).waitFor();

  await page.request.post(`${yardarm.adminUrl}/api/v1/session`, { data: { token: API_TOKEN } });
  // The last look is still open, with the reason.
  expect(await page.getByRole('textbox', { name: /^Reason/ }).inputValue()).toBe('Germany first');
  await hands.press(page.getByTestId('publish'));
  await untilPublished(page);
  const { rules } = await callApi<Configured>(yardarm.adminUrl, 'GET', '/projects/shop/flags/signed-out/environments/production');
  expect(rules).toHaveLength(1);
  await page.context().close();
});

/** A person edits who gets what: rules, targets, shares; judged while it is typed, published with a reason, and never over somebody else's work unseen. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_TOKEN, type Launched, launchYardarm, temporaryDirectory } from '../scripts/launch.mjs';
import { callApi } from './support/api.ts';
import { findViolations } from './support/axe.ts';
import { launchBrowser, newSession } from './support/browser.ts';

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
  await admin.goto(`${yardarm.adminUrl}/projects/shop/flags/new-checkout`);
  await admin.getByTestId('targeting-production').click();
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

const published = () => callApi<Configured>(yardarm.adminUrl, 'GET', '/projects/shop/flags/new-checkout/environments/production');
const ruleIds = async () => (await published()).rules.map(({ id }) => id);

async function addRule(page: Page, attribute: string, value: string): Promise<void> {
  await page.getByRole('button', { name: 'Add rule' }).click();
  await page.getByRole('combobox', { name: /^Attribute of rule/ }).fill(attribute);
  await page.getByRole('textbox', { name: /^Value of rule/ }).fill(value);
}

async function publish(page: Page, reason: string): Promise<void> {
  await page.getByTestId('review').click();
  await page.getByRole('textbox', { name: /^Reason/ }).fill(reason);
  await page.getByTestId('publish').click();
}

async function untilPublished(page: Page): Promise<void> {
  await page.getByTestId('review').waitFor({ state: 'hidden' });
}

describe('the targeting of a flag in one environment', () => {
  it('says of a rule that is not finished what is missing, and does not let it be published', async () => {
    await admin.getByRole('button', { name: 'Add rule' }).click();
    await admin.getByText('Name an attribute of the context').waitFor();
    expect(await admin.getByTestId('review').isDisabled()).toBe(true);
    await admin.getByRole('button', { name: 'Discard' }).click();
    await untilPublished(admin);
  });

  it('publishes a rule with values, a group and shares, after a look at what changes', async () => {
    await admin.getByRole('button', { name: 'Add rule' }).click();
    await admin.getByRole('combobox', { name: 'Attribute of rule 1' }).fill('country');
    await admin.getByRole('combobox', { name: 'Operator of rule 1' }).selectOption('in');
    await admin.getByRole('textbox', { name: 'Values of rule 1' }).fill('DE, AT,');
    await admin.getByRole('button', { name: 'Add to rule 1: group' }).click();
    await admin.getByRole('combobox', { name: 'Attribute of rule 1' }).last().fill('app.version');
    await admin.getByRole('combobox', { name: 'Operator of rule 1' }).last().selectOption('semver_gte');
    await admin.getByRole('textbox', { name: 'Value of rule 1' }).fill('2.1.0');
    await admin.getByRole('combobox', { name: 'What rule 1 serves' }).selectOption({ label: 'a percentage of each' });
    await admin.getByRole('textbox', { name: 'Percentage of share 1 of rule 1' }).fill('12.5');
    expect(await findViolations(admin)).toEqual([]);

    await admin.getByTestId('review').click();
    await admin.getByText('if country is one of "DE", "AT" and app.version is version "2.1.0" or newer').last().waitFor();
    expect(await findViolations(admin)).toEqual([]);
    await admin.getByRole('textbox', { name: /^Reason/ }).fill('The new checkout speaks German only');
    await admin.getByTestId('publish').click();
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
    await admin
      .getByRole('textbox', { name: 'Context' })
      .fill('{ "targetingKey": "user-7", "country": "DE", "app": { "version": "2.2.0" } }');
    await admin.getByRole('button', { name: 'Add target' }).click();
    await admin.getByRole('textbox', { name: /^Keys that get/ }).fill('user-7,');
    const variant = await admin.getByRole('combobox', { name: 'Variant of target 1' }).inputValue();
    await admin.getByTestId('evaluation').getByText(`user-7 is a target of ${variant}`).waitFor();
    await publish(admin, '');
    await untilPublished(admin);
    expect((await published()).targets).toEqual([{ variant, keys: ['user-7'] }]);

    await admin.getByRole('textbox', { name: 'Context' }).fill('{ "targetingKey": "user-12" }');
    const drawn = await admin
      .getByTestId('evaluation')
      .getByText(/^Split by targetingKey/)
      .textContent();
    await admin.goto(`${yardarm.adminUrl}/projects/shop/flags/new-checkout`);
    await admin.getByRole('combobox', { name: 'Environment to evaluate in' }).selectOption('production');
    await admin.getByRole('textbox', { name: 'Context' }).fill('{ "targetingKey": "user-12" }');
    await admin.getByRole('button', { name: 'Evaluate' }).click();
    expect(
      await admin
        .getByTestId('evaluation')
        .getByText(/^Split by targetingKey/)
        .textContent(),
    ).toBe(drawn);
    await admin.getByTestId('targeting-production').click();
  });

  it('reorders rules by dragging and by keyboard', async () => {
    await addRule(admin, 'plan', 'pro');
    await publish(admin, '');
    await untilPublished(admin);
    const [first, second] = (await ruleIds()) as [string, string];

    await admin.getByRole('button', { name: 'Move rule 2 up' }).focus();
    await admin.keyboard.press('Enter');
    await publish(admin, '');
    await untilPublished(admin);
    expect(await ruleIds()).toEqual([second, first]);

    await admin.getByTestId(`grip-${first}`).dragTo(admin.getByTestId(`grip-${second}`));
    await publish(admin, '');
    await untilPublished(admin);
    expect(await ruleIds()).toEqual([first, second]);
  });

  it('asks before an edit is left, and keeps it when told to stay', async () => {
    await addRule(admin, 'beta', 'yes');
    await admin.getByRole('link', { name: 'Changes' }).click();
    await admin.getByRole('dialog').getByRole('button', { name: 'Stay' }).click();
    expect(await admin.getByTestId('review').isVisible()).toBe(true);
    await admin.getByRole('button', { name: 'Discard' }).click();
    await untilPublished(admin);
  });
});

describe('a segment', () => {
  const members = () =>
    callApi<{ include: unknown; exclude: unknown; when: unknown }>(
      yardarm.adminUrl,
      'GET',
      '/projects/shop/segments/staff/environments/production',
    );

  it('is made, filled in one environment, asked for by a rule, and then names that flag', async () => {
    await admin.getByRole('link', { name: 'Segments' }).click();
    await admin.getByRole('button', { name: 'New segment' }).click();
    expect(await findViolations(admin)).toEqual([]);
    await admin.getByRole('textbox', { name: 'Key' }).fill('staff');
    await admin.getByRole('textbox', { name: 'Name' }).fill('Our own staff');
    await admin.getByRole('button', { name: 'Create segment' }).click();
    await admin.getByRole('button', { name: 'Production' }).click();
    await admin.getByRole('textbox', { name: 'Always in it' }).fill('ada, grace,');
    await admin.getByRole('textbox', { name: 'Never in it' }).fill('mallory,');
    await admin.getByRole('button', { name: 'Add condition' }).click();
    await admin.getByRole('combobox', { name: 'Attribute of the segment' }).fill('email');
    await admin.getByRole('combobox', { name: 'Operator of the segment' }).selectOption('ends_with');
    await admin.getByRole('textbox', { name: 'Values of the segment' }).fill('@example.com,');
    expect(await findViolations(admin)).toEqual([]);
    await publish(admin, 'Who works here');
    await untilPublished(admin);
    expect(await members()).toMatchObject({
      include: ['ada', 'grace'],
      exclude: ['mallory'],
      when: { attribute: 'email', op: 'ends_with', values: ['@example.com'] },
    });

    await admin.goto(`${yardarm.adminUrl}/projects/shop/flags/recommendations/environments/production`);
    await admin.getByRole('button', { name: 'Add rule' }).click();
    await admin.getByRole('button', { name: 'Add to rule 1: segment' }).click();
    await admin.getByRole('combobox', { name: 'Segment of rule 1' }).selectOption('staff');
    await admin.getByRole('button', { name: 'Remove this condition of rule 1' }).first().click();
    await admin.getByRole('textbox', { name: 'Context' }).fill('{ "targetingKey": "ada" }');
    await admin.getByTestId('evaluation').getByText('in segment staff, decided by its include').waitFor();
    await publish(admin, '');
    await untilPublished(admin);
    await admin.goto(`${yardarm.adminUrl}/projects/shop/segments/staff?environment=production`);
    await admin.getByRole('link', { name: 'recommendations' }).waitFor();
  });

  it('keeps an edit of one environment from being lost unasked by a look at another', async () => {
    await admin.getByRole('textbox', { name: 'Always in it' }).fill('zoe,');
    const tabs = admin.getByRole('navigation', { name: 'Environments' });
    await tabs.getByRole('button').first().click();
    await admin.getByRole('dialog').getByRole('button', { name: 'Stay' }).click();
    await admin.getByRole('button', { name: 'Remove zoe' }).waitFor();
    await admin.getByRole('button', { name: 'Discard' }).click();
    await untilPublished(admin);
  });

  it('is not deleted while a rule asks for it, and the page says so', async () => {
    await admin.getByRole('button', { name: 'Delete' }).click();
    await admin.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await admin.getByRole('alert').getByText('recommendations').waitFor();
    await admin.getByRole('button', { name: 'Cancel' }).click();
    await admin.goto(`${yardarm.adminUrl}/projects/shop/flags/new-checkout/environments/production`);
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
    await admin.keyboard.press('?');
    await admin.getByRole('dialog').getByText('Search the list of flags').waitFor();
    expect(await findViolations(admin)).toEqual([]);
    await admin.keyboard.press('Escape');
  });
});

describe('two people at once', () => {
  it('shows who publishes second theirs and mine, and publishes mine over only what mine changes', async () => {
    const other = await signedIn();
    await other.goto(admin.url());
    await addRule(admin, 'tier', 'gold');
    await other.getByRole('combobox', { name: 'What everybody else serves' }).selectOption({ label: 'on' });
    await publish(other, 'Everybody');
    await untilPublished(other);

    await admin.getByText('Somebody has changed it while you edited.').waitFor();
    await publish(admin, 'Gold first');
    const conflict = admin.getByTestId('conflict');
    await conflict.getByText('tier').waitFor();
    await conflict.getByText('everybody else').waitFor();
    expect(await findViolations(admin)).toEqual([]);
    await admin.getByRole('button', { name: 'Publish mine over it' }).click();
    await untilPublished(admin);

    const { rules, fallthrough } = await published();
    expect(fallthrough).toEqual({ variant: 'on' });
    expect(rules).toHaveLength(3);
    await other.context().close();
  });
});

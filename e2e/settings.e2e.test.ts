/** A project is set up in the admin UI alone: its name, environments, attributes; and another project beside it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_TOKEN, type Launched, launchYardarm, temporaryDirectory } from '../scripts/launch.mjs';
import { callApi } from './support/api.ts';
import { findViolations } from './support/axe.ts';
import { launchBrowser, newSession } from './support/browser.ts';

interface Listed {
  readonly key: string;
  readonly name: string;
  readonly protected: boolean;
  readonly position: number;
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let yardarm: Launched;
let browser: Browser;
let admin: Page;

beforeAll(async () => {
  directory = await temporaryDirectory();
  yardarm = await launchYardarm({ dataDirectory: directory.path });
  browser = await launchBrowser();
  admin = await newSession(browser);
  await admin.emulateMedia({ reducedMotion: 'reduce' });
  await admin.request.post(`${yardarm.adminUrl}/api/v1/session`, { data: { token: API_TOKEN } });
  await admin.goto(`${yardarm.adminUrl}/projects/shop/settings`);
});
afterAll(async () => {
  await browser?.close();
  await yardarm?.stop();
  await directory?.remove();
});

async function environments(): Promise<readonly Listed[]> {
  const { items } = await callApi<{ items: Listed[] }>(yardarm.adminUrl, 'GET', '/projects/shop/environments');
  return items.sort((a, b) => a.position - b.position);
}
const dialog = () => admin.getByRole('dialog');

describe('the settings of a project', () => {
  it('make an environment as a copy of another, with what is on there', async () => {
    expect(await findViolations(admin)).toEqual([]);
    await admin.getByRole('button', { name: 'New environment' }).click();
    await dialog().getByRole('textbox', { name: 'Key' }).fill('canary');
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Canary');
    await dialog().getByRole('combobox').selectOption({ label: 'as a copy of Production' });
    await dialog().getByRole('switch', { name: 'Switch on what is on there' }).click();
    expect(await findViolations(admin)).toEqual([]);
    await dialog().getByRole('button', { name: 'Create environment' }).click();
    await admin.getByRole('button', { name: 'Edit Canary' }).waitFor();
    const flag = '/projects/shop/flags/recommendations/environments';
    expect((await callApi<{ on: boolean }>(yardarm.adminUrl, 'GET', `${flag}/canary`)).on).toBe(true);
  });

  it('move, rename and protect it', async () => {
    await admin.getByRole('button', { name: 'Move Canary up' }).click();
    // Not what the server has, but what the page shows: an edit is made from that.
    const shown = () => admin.getByRole('button', { name: /^Edit / }).evaluateAll((all) => all.map((one) => one.ariaLabel));
    await expect.poll(shown).toEqual(['Edit Development', 'Edit Staging', 'Edit Canary', 'Edit Production']);
    expect((await environments()).map(({ key }) => key)).toEqual(['development', 'staging', 'canary', 'production']);
    await admin.getByRole('button', { name: 'Edit Canary' }).click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Canary, 1 %');
    await dialog().getByRole('switch', { name: 'Protected' }).click();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await admin.getByText('protected', { exact: true }).waitFor();
    expect((await environments()).find(({ key }) => key === 'canary')).toMatchObject({ name: 'Canary, 1 %', protected: true });
  });

  it('declare an attribute, which rules then complete and read in its type', async () => {
    await admin.getByRole('button', { name: 'Declare attribute' }).click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill('seats');
    await dialog().getByRole('combobox').selectOption('number');
    await dialog().getByRole('button', { name: 'Declare' }).click();
    await admin.getByRole('button', { name: 'Edit seats' }).waitFor();

    await admin.goto(`${yardarm.adminUrl}/projects/shop/flags/new-checkout/environments/development`);
    await admin.getByRole('button', { name: 'Add rule' }).click();
    await admin.getByRole('combobox', { name: 'Attribute of rule 1' }).fill('seats');
    await admin.getByRole('textbox', { name: 'Value of rule 1' }).fill('25');
    await admin.getByText('if seats is 25').waitFor();
    await admin.getByRole('button', { name: 'Discard' }).click();
    await admin.getByRole('link', { name: 'Settings' }).click();
  });

  it('rename the project, and make another', async () => {
    await admin.getByRole('textbox', { name: 'Name' }).fill('The shop');
    await admin.getByRole('textbox', { name: 'Default expiry in days' }).fill('30');
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(() => callApi(yardarm.adminUrl, 'GET', '/projects/shop'))
      .toMatchObject({ name: 'The shop', defaultExpiryDays: 30 });

    await admin.getByRole('button', { name: 'New project' }).click();
    await dialog().getByRole('textbox', { name: 'Key' }).fill('mobile');
    await dialog().getByRole('button', { name: 'Create project' }).click();
    await admin.waitForURL('**/projects/mobile/settings');
    await admin.getByText('No environment yet.').waitFor();
    expect(await findViolations(admin)).toEqual([]);
  });
});

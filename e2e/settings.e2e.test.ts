/** A project is set up in the admin UI alone: its name, environments, attributes; and another project beside it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_TOKEN, type Launched, launchYardarm, temporaryDirectory } from '../scripts/launch.mjs';
import { callApi } from './support/api.ts';
import { findViolations } from './support/axe.ts';
import { launchBrowser, newSession } from './support/browser.ts';
import { HANDS, type Hands } from './support/hands.ts';

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

describe.each(HANDS)('the settings of a project, by $name', ({ name, of: makeHands }) => {
  const [canary, named] = [`canary-${name}`, `Canary ${name}`];
  let hands: Hands;
  beforeAll(() => {
    hands = makeHands(admin);
  });

  it('make an environment as a copy of another, with what is on there', async () => {
    await admin.goto(`${yardarm.adminUrl}/projects/shop/settings`);
    await admin.getByRole('button', { name: 'New environment' }).waitFor();
    expect(await findViolations(admin)).toEqual([]);
    await hands.press(admin.getByRole('button', { name: 'New environment' }));
    await hands.write(dialog().getByRole('textbox', { name: 'Key' }), canary);
    await hands.write(dialog().getByRole('textbox', { name: 'Name' }), named);
    await hands.choose(dialog().getByRole('combobox'), 'as a copy of Production');
    await hands.press(dialog().getByRole('switch', { name: 'Switch on what is on there' }));
    expect(await findViolations(admin)).toEqual([]);
    await hands.press(dialog().getByRole('button', { name: 'Create environment' }));
    await admin.getByRole('button', { name: `Edit ${named}` }).waitFor();
    const flag = '/projects/shop/flags/recommendations/environments';
    expect((await callApi<{ on: boolean }>(yardarm.adminUrl, 'GET', `${flag}/${canary}`)).on).toBe(true);
  });

  it('move, rename and protect it', async () => {
    // Not what the server has, but what the page shows: an edit is made from that.
    const shown = () =>
      admin
        .getByRole('region', { name: 'Environments' })
        .getByRole('button', { name: /^Edit / })
        .evaluateAll((all) => all.map((one) => one.ariaLabel));
    const before = await shown();
    await hands.press(admin.getByRole('button', { name: `Move ${named} up` }));
    await expect.poll(shown).toEqual([...before.slice(0, -2), `Edit ${named}`, ...before.slice(-2, -1)]);
    expect((await environments()).at(-2)?.key).toBe(canary);
    await hands.press(admin.getByRole('button', { name: `Edit ${named}` }));
    await hands.write(dialog().getByRole('textbox', { name: 'Name' }), `${named}, 1 %`);
    await hands.press(dialog().getByRole('switch', { name: 'Protected' }));
    await hands.press(dialog().getByRole('button', { name: 'Save' }));
    await admin.getByRole('button', { name: `Edit ${named}, 1 %` }).waitFor();
    expect((await environments()).find(({ key }) => key === canary)).toMatchObject({ name: `${named}, 1 %`, protected: true });
  });

  it('declare an attribute, which rules then complete and read in its type', async () => {
    await hands.press(admin.getByRole('button', { name: 'Declare attribute' }));
    await hands.write(dialog().getByRole('textbox', { name: 'Name' }), `seats-${name}`);
    await hands.choose(dialog().getByRole('combobox'), 'number');
    await hands.press(dialog().getByRole('button', { name: 'Declare' }));
    await admin.getByRole('button', { name: `Edit seats-${name}` }).waitFor();

    await admin.goto(`${yardarm.adminUrl}/projects/shop/flags/new-checkout/environments/development`);
    await hands.press(admin.getByRole('button', { name: 'Add rule' }));
    await hands.write(admin.getByRole('combobox', { name: 'Attribute of rule 1' }), `seats-${name}`);
    await hands.write(admin.getByRole('textbox', { name: 'Value of rule 1' }), '25');
    await admin.getByText(`if seats-${name} is 25`).waitFor();
    await hands.press(admin.getByRole('button', { name: 'Discard' }));
    await hands.press(admin.getByRole('link', { name: 'Settings' }));
  });

  it('rename the project, and make another', async () => {
    await hands.write(admin.getByRole('textbox', { name: 'Name' }), `The shop, ${name}`);
    await hands.write(admin.getByRole('textbox', { name: 'Default expiry in days' }), '30');
    await hands.press(admin.getByRole('button', { name: 'Save' }));
    await expect
      .poll(() => callApi(yardarm.adminUrl, 'GET', '/projects/shop'))
      .toMatchObject({ name: `The shop, ${name}`, defaultExpiryDays: 30 });

    await hands.press(admin.getByRole('button', { name: 'New project' }));
    await hands.write(dialog().getByRole('textbox', { name: 'Key' }), `mobile-${name}`);
    await hands.press(dialog().getByRole('button', { name: 'Create project' }));
    await admin.waitForURL(`**/projects/mobile-${name}/settings`);
    await admin.getByText('No environment yet.').waitFor();
    expect(await findViolations(admin)).toEqual([]);
  });
});

it('makes a token for the project that stands beside the logo, with a label over each choice', async () => {
  // Others come before it in the list.
  await callApi(yardarm.adminUrl, 'POST', '/projects', { body: { key: 'a-first', name: 'First of all' } });
  await admin.goto(`${yardarm.adminUrl}/projects/shop/settings`);
  await admin.getByRole('button', { name: 'New environment' }).waitFor();
  await admin.goto(`${yardarm.adminUrl}/tokens`);
  await admin.getByRole('button', { name: 'New token' }).click();
  expect(await dialog().getByRole('combobox', { name: 'Place' }).inputValue()).toBe('shop');
  for (const label of ['Kind of token', 'Expiry']) await dialog().getByText(label, { exact: true }).waitFor();
  expect(await findViolations(admin)).toEqual([]);
});

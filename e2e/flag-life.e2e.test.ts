/** The life of a flag in the admin UI, by mouse and by keyboard alone, with real SDKs: made, killed, ramped, edited by two, reverted, cleaned up. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { YardarmProvider } from '../packages/sdk-node/dist/index.js';
import { waitUntil } from '../scripts/launch.mjs';
import { type AppProcess, startApp } from './support/app-process.ts';
import { findViolations } from './support/axe.ts';
import { ADMIN, type Bed, makeBed, PROJECT } from './support/bed.ts';
import { HANDS, type Hands } from './support/hands.ts';

const FLAGS = `/projects/${PROJECT}/flags`;
const RECEIPTS = `/projects/${PROJECT}/environments/production/receipts`;
/** Enough that one in a hundred is somebody. */
const VISITORS = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
/** Counts wait in the application and in the server, and the page asks every 15 s. */
const REPORT_MS = 40_000;

let bed: Bed;
let key: string;
let ada: Page;
let ben: Page;
let sdk: YardarmProvider;

beforeAll(async () => {
  bed = await makeBed();
  key = await bed.makeKey('production');
  ada = await bed.openAs('Ada', ADMIN, FLAGS);
  ben = await bed.openAs('Ben', ADMIN, FLAGS);
  sdk = new YardarmProvider({ url: bed.url, key, app: { name: 'crowd', version: '1' } });
  await sdk.initialize();
});
afterAll(async () => {
  await sdk?.onClose();
  await bed?.stop();
});

const inProduction = (page: Page) => page.getByRole('region', { name: / in Production$/ });
const receipts = (page: Page) => page.locator('[data-testid="receipt-production"][data-settled="true"]');

async function confirm(hands: Hands, page: Page, reason: string, action: string): Promise<void> {
  // A message in the corner is a dialog too.
  const button = page.getByRole('button', { name: action, exact: true });
  const dialog = page.getByRole('dialog').filter({ has: button });
  await hands.write(dialog.getByRole('textbox', { name: /^Reason/ }), reason);
  await hands.press(dialog.locator(button));
  await dialog.waitFor({ state: 'hidden' });
}

async function ramp(hands: Hands, page: Page, percent: number, reason: string): Promise<void> {
  const card = inProduction(page);
  await hands.write(card.getByTestId('percentage-production'), String(percent));
  await hands.write(card.getByRole('textbox', { name: 'Reason for the change in Production' }), reason);
  await hands.press(card.getByTestId('publish-production'));
}

describe.each(HANDS)('by $name', ({ name, of: makeHands }) => {
  const flag = `checkout-${name}`;
  const address = `${FLAGS}/${flag}`;
  let hands: Hands;
  let app: AppProcess;

  afterAll(() => app?.stop());

  const visitorsIn = () => VISITORS.filter((targetingKey) => sdk.boolean(flag, false, { targetingKey }));
  const production = () =>
    bed.call<{ on: boolean; fallthrough: unknown; version: number }>('GET', `${address}/environments/production`);

  it('a flag is made, switched on, and in force in an application', async () => {
    hands = makeHands(ada);
    app = await startApp({ url: bed.url, key, flag });
    await ada.goto(bed.url + FLAGS);
    await hands.press(ada.getByRole('button', { name: 'New flag' }).first());
    const dialog = ada.getByRole('dialog');
    await hands.write(dialog.getByRole('textbox', { name: 'Key' }), flag);
    await hands.write(dialog.getByRole('textbox', { name: 'Owner' }), 'payments');
    await hands.press(dialog.getByRole('button', { name: 'Create flag' }));
    await ada.waitForURL(`**${address}`);

    await hands.press(ada.getByTestId(`switch-${flag}-production`));
    await confirm(hands, ada, 'Open for business', 'Switch on');
    await app.until(true);
    await receipts(ada).getByText('2 of 2 connected server instances run').waitFor();

    // Its counts are on their way from here; the page is asked below, when it has had the time.
    await app.stop();
    app = await startApp({ url: bed.url, key, flag });
  });

  it('a kill takes one press, and says of how many of the connected instances it is in force', async () => {
    await hands.press(ada.getByTestId(`switch-${flag}-production`));
    await app.until(false);
    await receipts(ada).getByText('2 of 2 connected server instances run').waitFor();
    expect(visitorsIn()).toEqual([]);
    await hands.press(ada.getByRole('button', { name: 'Dismiss receipts' }));
    await hands.press(ada.getByTestId(`switch-${flag}-production`));
    await confirm(hands, ada, 'It was the cache', 'Switch on');
    await app.until(true);
  });

  it('a ramp of 1, 5, 25 and 100 % keeps everybody in who was in', async () => {
    await hands.choose(
      inProduction(ada).getByRole('combobox', { name: 'What everybody else gets in Production' }),
      'a percentage',
    );
    let before: string[] = [];
    for (const [percent, atLeast, atMost] of [
      [1, 2, 25],
      [5, 30, 75],
      [25, 200, 300],
      [100, 1_000, 1_000],
    ] as const) {
      await ramp(hands, ada, percent, `${percent} % from today`);
      await waitUntil(
        () => {
          const { length } = visitorsIn();
          return length >= atLeast && length <= atMost;
        },
        10_000,
        () => `${percent} % of ${VISITORS.length} visitors; ${visitorsIn().length} are in`,
      );
      const after = visitorsIn();
      expect(after).toEqual(expect.arrayContaining(before));
      before = after;
    }
  });

  it('its page says when it was last evaluated, without reloading', () =>
    inProduction(ada).getByText('Last evaluated').waitFor({ timeout: REPORT_MS }));

  it('an edit that somebody else was first with shows theirs and mine, and the other browser says who did what', async () => {
    await ben.goto(bed.url + address);
    await ben.getByTestId('percentage-production').waitFor();
    await hands.write(inProduction(ada).getByTestId('percentage-production'), '60');
    await ramp(HANDS[0].of(ben), ben, 40, 'The support desk is full');
    await ada.getByText('Production was changed while you edited.').waitFor();
    await ada.getByText(`Ben rolled ${flag} from 100 % to 40 % on`).waitFor();
    await hands.write(ada.getByRole('textbox', { name: 'Reason for the change in Production' }), 'Sixty are enough');
    await hands.press(ada.getByTestId('publish-production'));
    const conflict = ada.getByTestId('conflict');
    expect(await conflict.textContent()).toMatch(/Theirs.*40\s%.*Yours.*60\s%/);
    await hands.press(ada.getByRole('button', { name: 'Keep theirs' }));
    await conflict.waitFor({ state: 'hidden' });
    expect(await ada.getByTestId('percentage-production').inputValue()).toBe('40');
  });

  it('an edit whose answer is lost on its way is made once, and is in no conflict with itself', async () => {
    const { version } = await production();
    const keys: (string | undefined)[] = [];
    const path = `${bed.url}/api/v1${address}/environments/production`;
    await ada.route(path, async (route) => {
      if (route.request().method() !== 'PATCH') return route.continue();
      if (keys.push(route.request().headers()['idempotency-key']) > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await ramp(hands, ada, 70, 'Agreed with Ben');
    await ben.getByText(`Ada rolled ${flag} from 40 % to 70 % on`).waitFor();
    expect(await ben.getByTestId('percentage-production').inputValue()).toBe('70');
    // Ben sees the first one before Ada's page has sent it again.
    await waitUntil(
      () => keys.length > 1,
      10_000,
      () => 'the edit to be sent again',
    );
    await ada.unroute(path);
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(keys[0]).toBeDefined();
    expect(await ada.getByTestId('conflict').count()).toBe(0);
    expect((await production()).version).toBe(version + 1);
  });

  it('a change is reverted from the history, with a reason', async () => {
    await hands.press(ada.getByRole('link', { name: 'All changes' }));
    await ada.getByText('Agreed with Ben').waitFor();
    await hands.press(ada.getByRole('button', { name: `Revert this change of ${flag}` }).first());
    await confirm(hands, ada, 'Too soon', 'Revert');
    await ada.getByText('reverted a change of').first().waitFor();
    expect(JSON.stringify((await production()).fallthrough)).toContain('40000');
    await waitUntil(
      () => visitorsIn().length < 500,
      10_000,
      () => '40 % again',
    );
  });

  it('its variants are edited for every environment, on top of what somebody else published meanwhile', async () => {
    const greeting = `greeting-${name}`;
    const path = `${FLAGS}/${greeting}`;
    const variants = { plain: { text: 'Hello' }, friendly: { text: 'Welcome' } };
    const served = { fallthrough: { variant: 'plain' }, offVariant: 'plain' };
    await bed.call('POST', FLAGS, { key: greeting, kind: 'operational', type: 'object', variants, ...served });
    await bed.call('POST', `${path}/environments/production/unkill`, { reason: 'Greets everybody' });
    await ada.goto(bed.url + path);
    await hands.press(ada.getByRole('button', { name: 'Edit variants' }));
    await hands.write(ada.getByRole('textbox', { name: 'Value of plain' }), '{ "text": "Ahoy" ');
    await hands.press(ada.getByRole('button', { name: 'Review' }));
    await ada.getByText("the value of 'plain', is not a JSON object.").waitFor();
    await hands.write(ada.getByRole('textbox', { name: 'Value of plain' }), '{ "text": "Ahoy" }');
    await hands.press(ada.getByRole('button', { name: 'Review' }));
    await ada.getByText('variants › plain › text').waitFor();
    const { version } = await bed.call<{ version: number }>('GET', path);
    const theirs = { variants: { ...variants, late: { text: 'Good night' } } };
    await bed.call('PATCH', path, { ...theirs, reason: 'For the night' }, { 'if-match': `"v${version}"` });
    await hands.write(ada.getByRole('dialog').getByRole('textbox', { name: /^Reason/ }), 'The captain asked for it');
    await hands.press(ada.getByTestId('publish'));
    const conflict = ada.getByTestId('conflict');
    expect(await conflict.textContent()).toMatch(/Theirs.*late.*Good night.*Yours.*plain.*Ahoy/);
    await hands.press(ada.getByRole('button', { name: 'Publish mine over it' }));
    await receipts(ada).waitFor();
    expect(sdk.object(greeting, {}, {})).toEqual({ text: 'Ahoy' });
    expect(Object.keys((await bed.call<{ variants: object }>('GET', path)).variants).sort()).toEqual([
      'friendly',
      'late',
      'plain',
    ]);

    await hands.press(ada.getByRole('button', { name: 'Edit variants' }));
    await hands.press(ada.getByRole('button', { name: 'Remove plain' }));
    await hands.press(ada.getByRole('button', { name: 'Review' }));
    await hands.write(ada.getByRole('dialog').getByRole('textbox', { name: /^Reason/ }), 'Nobody wants it');
    await hands.press(ada.getByTestId('publish'));
    await ada
      .getByText(/variant 'plain', which the flag does not have/)
      .first()
      .waitFor();
    await hands.press(ada.getByRole('button', { name: 'Back to the edit' }));
    await hands.press(ada.getByRole('button', { name: 'Cancel' }));
    expect(sdk.object(greeting, {}, {})).toEqual({ text: 'Ahoy' });
    await ada.goto(bed.url + FLAGS);
  });

  it('a flag that has outlived its day is found as expired, archived, and gone from applications', async () => {
    await hands.press(ada.getByRole('link', { name: flag }).first());
    await hands.press(ada.getByRole('button', { name: 'Edit', exact: true }));
    await hands.writeDay(ada.getByLabel('Expiry'), '2026-01-02');
    await hands.write(ada.getByRole('textbox', { name: 'Reason (optional)' }), 'Everybody has it');
    await hands.press(ada.getByRole('button', { name: 'Save' }));
    await ada.getByText(/^expired \d+ days ago$/).waitFor();

    await hands.press(ada.getByRole('link', { name: 'Flags' }).first());
    await hands.choose(ada.getByRole('combobox', { name: 'Lifecycle' }), 'Expired');
    await hands.press(ada.getByRole('link', { name: flag }));
    await hands.press(ada.getByRole('button', { name: 'Archive' }));
    await confirm(hands, ada, 'The code is gone', 'Archive');
    await ada.getByText('It is in no rule set').waitFor();
    await app.until(false);
    await hands.press(ada.getByRole('link', { name: 'Flags' }).first());
    await ada.getByRole('link', { name: flag }).waitFor({ state: 'detached' });
  });
});

it('a double click on what a dialog does, does it once', async () => {
  const twice = 'double-click';
  await bed.call('POST', FLAGS, { key: twice, kind: 'operational', variants: { on: true, off: false } });
  await ben.goto(`${bed.url}${FLAGS}/${twice}`);
  await ben.getByRole('button', { name: 'Archive' }).click();
  const dialog = ben.getByRole('dialog').filter({ hasText: `Archive ${twice}?` });
  await dialog.getByRole('textbox', { name: /^Reason/ }).fill('Twice');
  const sent: string[] = [];
  ben.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
  await dialog.getByRole('button', { name: 'Archive', exact: true }).dblclick();
  await ben.getByText('It is in no rule set').waitFor();
  expect(sent).toHaveLength(1);
});

it('a click beside a dialog does not lose what was typed or switched, and Escape closes it', async () => {
  await ben.goto(bed.url + FLAGS);
  await ben.getByRole('button', { name: 'New flag' }).first().click();
  const field = ben.getByRole('textbox', { name: 'Key', exact: true });
  await field.fill('half-typed');
  await ben.mouse.click(5, 700);
  // A click that closes has closed by the time that the next key is handled.
  await field.press('End');
  expect(await field.inputValue()).toBe('half-typed');
  await field.press('Escape');
  await field.waitFor({ state: 'hidden' });

  await ben.getByRole('button', { name: 'New flag' }).first().click();
  const toggle = ben.getByRole('dialog').getByRole('switch');
  await toggle.click();
  await ben.mouse.click(5, 700);
  await toggle.press('Shift');
  expect(await toggle.isChecked()).toBe(true);
  await toggle.press('Escape');
  await toggle.waitFor({ state: 'hidden' });
});

it('a process that hangs while a change is made, and is cut, is still spoken of', async () => {
  const hung = 'hung';
  await bed.call('POST', FLAGS, { key: hung, kind: 'operational', variants: { on: true, off: false } });
  const app = await startApp({ url: bed.url, key, flag: hung });
  try {
    await ben.goto(`${bed.url}${FLAGS}/${hung}`);
    // Its first answer may have come before its stream.
    const connected = () => bed.call<{ server: { connected: number } }>('GET', RECEIPTS);
    await waitUntil(
      async () => (await connected()).server.connected === 2,
      10_000,
      () => 'two instances to be connected',
    );
    app.freeze();
    await ben.getByTestId(`switch-${hung}-production`).click();
    await confirm(HANDS[0].of(ben), ben, 'While one hangs', 'Switch on');
    const receipt = ben.getByTestId('receipt-production');
    await receipt.getByText('1 of 2 connected server instances').waitFor();
    await app.kill();
    await receipt.getByText('1 that was connected has not come back.').waitFor();
    await receipt.getByText('1 of 1 connected server instance runs').waitFor();
    expect(await findViolations(ben)).toEqual([]);
  } finally {
    await app.kill();
  }
});

/** The first hour with an instance that nobody has used, by mouse and by keyboard alone: a password, a project, an application, and a key that is rotated. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnServer } from '../bench/crash/server.mjs';
import { YardarmProvider } from '../packages/sdk-node/dist/index.js';
import { temporaryDirectory } from '../scripts/launch.mjs';
import { type AppProcess, startApp } from './support/app-process.ts';
import { findViolations } from './support/axe.ts';
import { launchBrowser, newSession } from './support/browser.ts';
import { HANDS, type Hands } from './support/hands.ts';

const PASSWORD = 'quiet harbour at night';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.each(HANDS)('by $name', ({ of: makeHands }) => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: ReturnType<typeof spawnServer>;
  let url: string;
  let setUpUrl: string;
  let page: Page;
  let hands: Hands;
  let app: AppProcess;
  let key: string;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    server = spawnServer(directory.path);
    server.child.on('message', (message) => {
      if (typeof message === 'object' && 'signInUrl' in message) setUpUrl = String(message.signInUrl);
    });
    url = await server.ready;
    page = await newSession(browser);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    hands = makeHands(page);
  });
  afterAll(async () => {
    await page?.context().close();
    await app?.stop();
    await server?.stop();
    await directory?.remove();
  });

  it('the printed link asks for a name and a password, and says what is wrong with them', async () => {
    await page.goto(setUpUrl);
    await hands.write(page.getByRole('textbox', { name: 'Your name' }), 'Ada');
    await hands.write(page.getByLabel('Password', { exact: true }), 'short');
    await hands.press(page.getByRole('button', { name: 'Set up and sign in' }));
    await page.getByText('Use at least 12 characters.').waitFor();
    await page.getByText('This is not the same password.').waitFor();
    await hands.write(page.getByLabel('Password', { exact: true }), PASSWORD);
    await hands.write(page.getByLabel('The password again'), PASSWORD);
    await hands.press(page.getByRole('button', { name: 'Set up and sign in' }));
    await page.getByRole('heading', { name: 'Welcome, Ada' }).waitFor();
    expect(new URL(page.url()).hash).toBe('');
  });

  it('a first project leads to its application, whose first evaluation turns up', async () => {
    await hands.write(page.getByRole('textbox', { name: 'What do you build?' }), 'Web shop');
    await hands.press(page.getByRole('button', { name: 'Create project and connect' }));
    await page.waitForURL('**/projects/web-shop/connect**');
    await hands.press(page.getByRole('button', { name: 'Production (protected)' }));
    await hands.press(page.getByRole('button', { name: 'Make this flag' }));
    await hands.write(page.getByRole('dialog').getByRole('textbox', { name: 'Owner' }), 'Ada');
    await hands.press(page.getByRole('button', { name: 'Create flag' }));
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await hands.write(page.getByRole('textbox', { name: 'Name' }), 'journey');
    await hands.press(page.getByTestId('make-key'));
    key = String(await page.getByTestId('made-key').textContent());
    app = await startApp({ url, key, flag: 'my-flag' });
    await page.getByText('journey is connected').waitFor();
    await app.stop();
    await page.getByText('The first evaluation has arrived').waitFor();
  });

  it('a key is rotated: in the overlap both work, and then the old one is refused', async () => {
    await hands.press(page.getByRole('link', { name: 'SDK keys' }));
    // The page before has a button of that name too.
    await page.getByRole('heading', { level: 1, name: 'SDK keys' }).waitFor();
    await hands.press(page.getByRole('button', { name: 'Production' }));
    await hands.press(page.getByRole('button', { name: 'Rotate journey' }));
    const dialog = page.getByRole('dialog');
    await hands.choose(dialog.getByRole('combobox', { name: 'When the old key ends' }), 'The old key ends in an hour');
    await hands.press(dialog.getByRole('button', { name: 'Rotate key' }));
    const rotated = String(await page.getByTestId('secret').textContent());
    await hands.press(dialog.getByRole('button', { name: 'I have copied it' }));
    const old = page.getByRole('row').filter({ hasText: /ends \d/ });
    await old.waitFor();
    expect([await opens(url, key), await opens(url, rotated)]).toEqual([true, true]);

    await hands.press(old.getByRole('button', { name: 'Revoke journey' }));
    await hands.press(page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }));
    await page.getByText(/^revoked/).waitFor();
    expect([await opens(url, key), await opens(url, rotated)]).toEqual([false, true]);
  });

  it('a key whose secret is lost on its way is made once, and its dialog says what to do', async () => {
    let sent = 0;
    await page.route('**/environments/production/keys', async (route) => {
      if (route.request().method() !== 'POST' || ++sent > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await hands.press(page.getByRole('button', { name: 'New key' }).first());
    const dialog = page.getByRole('dialog');
    await hands.write(dialog.getByRole('textbox', { name: 'Name' }), 'ferry');
    await hands.press(dialog.getByRole('button', { name: 'Create key' }));
    await dialog.getByText('Nobody can read the key any more.').waitFor();
    expect(await findViolations(page)).toEqual([]);
    await hands.press(dialog.getByRole('button', { name: 'Close' }));
    await page.getByRole('row').filter({ hasText: 'ferry' }).waitFor();
    expect([sent, await page.getByRole('row').filter({ hasText: 'ferry' }).count()]).toEqual([2, 1]);
  });

  it('leaves, and comes back with the name and the password', async () => {
    await hands.press(page.getByRole('button', { name: 'Sign out' }));
    await hands.write(page.getByRole('textbox', { name: 'Name' }), 'Ada');
    await hands.write(page.getByLabel('Password'), PASSWORD);
    await hands.press(page.getByRole('button', { name: 'Sign in', exact: true }));
    await page.getByRole('link', { name: 'my-flag' }).waitFor();
  });
});

/** Whether an SDK with that key starts. */
async function opens(url: string, key: string): Promise<boolean> {
  const provider = new YardarmProvider({ url, key, app: { name: 'journey', version: '2' } });
  const started = await provider.initialize().then(
    () => true,
    () => false,
  );
  await provider.onClose();
  return started;
}

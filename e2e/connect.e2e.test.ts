/** From nothing to a first evaluation: a project, a key, and the code of the page, which runs as it is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_TOKEN, type Launched, launchYardarm, root, temporaryDirectory } from '../scripts/launch.mjs';
import { findViolations } from './support/axe.ts';
import { launchBrowser, newSession } from './support/browser.ts';
import { HANDS, type Hands } from './support/hands.ts';

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

/** Runs a module as if it stood in an application that has the packages; resolves with what it printed. */
async function runModule(code: string, env: Record<string, string>): Promise<string> {
  const args = ['--input-type=module', '--eval', code];
  const child = spawn(process.execPath, args, { cwd: `${root}/examples/shop`, env: { PATH: process.env.PATH, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  await once(child, 'close');
  return output;
}
const progress = () => admin.getByTestId('connect-progress');

describe.each(HANDS)('whoever sets Yardarm up, by $name', ({ name, of: makeHands }) => {
  let hands: Hands;
  beforeAll(() => {
    hands = makeHands(admin);
  });

  it('names a project and its environments where there is none yet', async () => {
    // The demo is there; whoever has no project sees the same.
    let isEmpty = true;
    await admin.route('**/api/v1/projects?limit=200', (route) =>
      isEmpty ? route.fulfill({ json: { items: [], next: null } }) : route.continue(),
    );
    await admin.goto(yardarm.adminUrl);
    await hands.write(admin.getByRole('textbox', { name: 'What do you build?' }), `Café Zürich, ${name}`);
    expect(await findViolations(admin)).toEqual([]);
    isEmpty = false;
    await hands.press(admin.getByRole('button', { name: 'Create project and connect' }));
    await admin.waitForURL(`**/projects/cafe-zurich-${name}/connect?environment=development`);
    await admin.getByRole('button', { name: 'Production (protected)' }).waitFor();
  });

  it('makes the flag and the key that the code asks for', async () => {
    await hands.press(admin.getByRole('button', { name: 'Make this flag' }));
    const dialog = admin.getByRole('dialog');
    await hands.write(dialog.getByRole('textbox', { name: 'Owner' }), 'ada');
    await hands.press(dialog.getByRole('button', { name: 'Create flag' }));
    await hands.press(admin.getByTestId('make-key'));
    await admin.getByTestId('made-key').waitFor();
    expect(await findViolations(admin)).toEqual([]);
  });

  it('runs the code of the page, and sees the first evaluation arrive', async () => {
    expect(await progress().getAttribute('data-evaluated')).toBe('false');
    const key = String(await admin.getByTestId('made-key').textContent());
    const code = String(await admin.getByRole('region', { name: 'Node: Ask for a flag' }).textContent());
    expect(await runModule(code, { YARDARM_SERVER_KEY: key })).toBe('false\n');
    await admin.getByText('The first evaluation has arrived').waitFor();
    await admin.getByText('my-app has evaluated my-flag once since yesterday.').waitFor();
    expect(await findViolations(admin)).toEqual([]);
    await hands.press(admin.getByRole('link', { name: 'Switch my-flag' }));
    await admin.getByRole('heading', { level: 1, name: 'my-flag' }).waitFor();
  });

  it('is told of a flag that the application asks for and that does not exist', async () => {
    await admin.goBack();
    await hands.press(admin.getByTestId('make-key'));
    const key = String(await admin.getByTestId('made-key').textContent());
    const code = String(await admin.getByRole('region', { name: 'Node: Ask for a flag' }).textContent());
    await runModule(code.replaceAll('my-flag', 'my-falg'), { YARDARM_SERVER_KEY: key });
    await admin.getByText('my-falg', { exact: true }).waitFor();
  });
});

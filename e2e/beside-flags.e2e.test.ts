/** Pages beside the flags: who is connected, who gets what, what differs, who is told, who may do what, and the proof of all of it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_TOKEN, type Launched, launchYardarm, temporaryDirectory } from '../scripts/launch.mjs';
import { callApi, switchRecommendations } from './support/api.ts';
import { findViolations } from './support/axe.ts';
import { launchBrowser, newSession } from './support/browser.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let yardarm: Launched;
let browser: Browser;
let admin: Page;
/** What the webhook is told. */
let target: Server;
const told: string[] = [];

beforeAll(async () => {
  directory = await temporaryDirectory();
  target = createServer((request, response) => {
    request.on('data', (chunk) => told.push(String(chunk))).on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  yardarm = await launchYardarm({
    dataDirectory: directory.path,
    env: { YARDARM_WEBHOOK_ALLOW: `127.0.0.1:${(target.address() as AddressInfo).port}` },
  });
  browser = await launchBrowser();
  admin = await newSession(browser);
  await admin.emulateMedia({ reducedMotion: 'reduce' });
  await admin.goto(yardarm.signInUrl);
  await admin.getByTestId('switch-recommendations-production').waitFor();
});
afterAll(async () => {
  await browser?.close();
  await yardarm?.stop();
  target?.close();
  await directory?.remove();
});

const dialog = () => admin.getByRole('dialog');
async function open(page: string, heading: string): Promise<void> {
  await admin.goto(`${yardarm.adminUrl}${page}`);
  await admin.getByRole('heading', { level: 1, name: heading }).waitFor();
}

describe('the fleet', () => {
  it('shows the shop, what it runs, and how long a change took to reach it', async () => {
    await switchRecommendations(yardarm.adminUrl, false);
    await open('/projects/shop/fleet?environment=production', 'Fleet');
    await admin
      .getByRole('row', { name: /^demo-shop/ })
      .first()
      .waitFor();
    // Servers write down what arrived every ten seconds.
    await admin.getByRole('region', { name: 'Convergence by app' }).getByRole('button', { name: 'demo-shop' }).waitFor();
    expect(await findViolations(admin)).toEqual([]);
  });
});

describe('looking up a user', () => {
  it('answers for every flag with its trace, now and at a past revision, and sends the context in no address', async () => {
    const addresses: string[] = [];
    admin.on('request', (request) => addresses.push(request.url()));
    await open('/projects/shop/look-up?environment=production', 'Look up a user');
    await admin.getByRole('textbox', { name: 'Targeting key' }).fill('user-4711');
    await admin.getByRole('button', { name: 'Look up' }).click();
    await admin.getByTestId('answers').waitFor();
    await admin.getByRole('button', { name: 'Why recommendations answers this' }).click();
    await admin.getByText('The flag is off').waitFor();
    expect(await findViolations(admin)).toEqual([]);
    await admin.getByRole('textbox', { name: 'Revision' }).fill('1');
    await admin.getByRole('button', { name: 'Look up' }).click();
    await admin.getByText('Revision 1 of Production').waitFor();

    // The link, as somebody else opens it.
    const link = admin.url();
    expect(link).toContain('user-4711');
    await admin.goto('about:blank');
    await admin.goto(link);
    await admin.getByText('Revision 1 of Production').waitFor();
    expect(addresses.filter((address) => new URL(address).href.split('#')[0]?.includes('4711'))).toEqual([]);
  });
});

describe('comparing environments', () => {
  it('promotes what is chosen, and not what has changed since it was looked at', async () => {
    await open('/projects/shop/compare?from=staging&to=production', 'Compare');
    expect(await findViolations(admin)).toEqual([]);
    await admin.getByRole('checkbox', { name: 'Promote flag new-checkout' }).check();
    await admin.getByTestId('open-promote').click();
    // Somebody else is at work in production.
    await switchRecommendations(yardarm.adminUrl, true);
    await dialog()
      .getByRole('textbox', { name: /^Reason/ })
      .fill('Ready');
    await admin.getByTestId('promote').click();
    await dialog().getByTestId('stale').waitFor();
    expect(await findViolations(admin)).toEqual([]);
    await admin.getByTestId('promote').click();
    await admin.getByTestId('receipt-production').waitFor();
    const flag = '/projects/shop/flags/new-checkout/environments/production';
    expect((await callApi<{ fallthrough: unknown }>(yardarm.adminUrl, 'GET', flag)).fallthrough).toEqual({ variant: 'on' });
  });
});

describe('webhooks', () => {
  it('are made with a secret that is shown once, tried, and told of changes', async () => {
    await open('/projects/shop/webhooks', 'Webhooks');
    await admin.getByRole('button', { name: 'New webhook' }).click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill('on-call');
    const { port } = target.address() as AddressInfo;
    await dialog().getByRole('textbox', { name: 'Address' }).fill(`http://127.0.0.1:${port}/hook`);
    expect(await findViolations(admin)).toEqual([]);
    await dialog().getByRole('button', { name: 'Create webhook' }).click();
    await dialog().getByTestId('secret').waitFor();
    await dialog().getByRole('button', { name: 'I have copied it' }).click();
    await admin.getByRole('button', { name: 'Send test to on-call' }).click();
    await admin.getByText('The test message arrived: status 204.').waitFor();
    await switchRecommendations(yardarm.adminUrl, false);
    await admin.getByRole('button', { name: 'Deliveries', exact: true }).click();
    await admin.getByText('delivered, 204').first().waitFor();
    await expect.poll(() => told.join('\n')).toContain('flag.kill');
    expect(await findViolations(admin)).toEqual([]);
    await admin.getByRole('button', { name: 'Delete on-call' }).click();
    await dialog().getByRole('button', { name: 'Delete webhook' }).click();
    await admin.getByText('No webhooks yet').waitFor();
  });
});

describe('teams and rights', () => {
  it('make a team, give it a role in one environment, and take it', async () => {
    await open('/teams', 'Teams');
    await admin.getByRole('button', { name: 'New team' }).click();
    await dialog().getByRole('textbox', { name: 'Key' }).fill('night-watch');
    await dialog()
      .getByRole('combobox', { name: 'Members' })
      .or(dialog().getByRole('textbox', { name: 'Members' }))
      .fill('admin,');
    expect(await findViolations(admin)).toEqual([]);
    await dialog().getByRole('button', { name: 'Create team' }).click();
    await admin.getByRole('button', { name: 'Edit night-watch' }).waitFor();

    await open('/projects/shop/members', 'Members');
    await admin.getByRole('button', { name: 'Give a right' }).click();
    await dialog().getByRole('combobox', { name: 'Person or team' }).fill('night-watch');
    await dialog().getByRole('combobox', { name: 'Role' }).selectOption('releaser');
    await dialog().getByRole('combobox', { name: 'Place' }).selectOption('production');
    expect(await findViolations(admin)).toEqual([]);
    await dialog().getByRole('button', { name: 'Give', exact: true }).click();
    await admin.getByRole('button', { name: 'Take Releaser, Production, from night-watch' }).click();
    expect(await findViolations(admin)).toEqual([]);
    await dialog().getByRole('button', { name: 'Take the right' }).click();
    await admin.getByText('night-watch').first().waitFor({ state: 'detached' });
  });
});

describe('the record', () => {
  it('is sound, and names who gave the right that was taken', async () => {
    await open('/audit', 'Audit');
    await admin.getByRole('button', { name: 'Verify now' }).click();
    await admin.getByTestId('proof').and(admin.locator('[data-ok="true"]')).waitFor();
    await admin.getByRole('combobox', { name: 'About' }).selectOption('team');
    await admin.getByText('night-watch').first().waitFor();
    expect(await findViolations(admin)).toEqual([]);
  });
});

describe('whoever may only look', () => {
  it('is told why on each page, or finds nothing to press', async () => {
    const token = await admin.request.post(`${yardarm.adminUrl}/api/v1/tokens`, {
      headers: { authorization: `Bearer ${API_TOKEN}` },
      data: { name: 'viewer', grants: [{ role: 'viewer', project: 'shop' }] },
    });
    const viewer = await newSession(browser);
    await viewer.emulateMedia({ reducedMotion: 'reduce' });
    await viewer.request.post(`${yardarm.adminUrl}/api/v1/session`, { data: { token: (await token.json()).secret } });
    for (const [page, said] of [
      ['/projects/shop/connect', /^Making keys takes an administrator/],
      ['/projects/shop/compare', /^You have no right to change what Production serves/],
      ['/projects/shop/webhooks', /^You have no right to see the webhooks/],
      ['/projects/shop/members', /^You have no right to see who may do what/],
      ['/teams', /An administrator changes them/],
      ['/audit', /^The record of the instance is for its administrators/],
    ] as const) {
      await viewer.goto(`${yardarm.adminUrl}${page}`);
      await viewer.getByText(said).waitFor();
      expect(await viewer.getByRole('button', { name: /^(Make a|Promote|New|Give|Verify)/ }).count()).toBe(0);
      expect(await findViolations(viewer)).toEqual([]);
    }
    // The session is the viewer's: what the pages leave out, the server refuses.
    expect((await viewer.request.get(`${yardarm.adminUrl}/api/v1/projects/shop/webhooks`)).status()).toBe(403);
    expect((await viewer.request.get(`${yardarm.adminUrl}/api/v1/audit/verify`)).status()).toBe(403);
  });
});

describe("one's own account", () => {
  it('ends another session, and sets a password', async () => {
    const other = await newSession(browser);
    await open('/account', 'admin');
    await admin.getByRole('textbox', { name: 'New password', exact: true }).fill('a lamp in the harbour');
    await admin.getByRole('textbox', { name: 'The new password again' }).fill('a lamp in the harbour');
    await admin.getByRole('button', { name: 'Change password' }).click();
    await admin.getByText('Changed. Your other sessions have ended.').waitFor();
    await other.request.post(`${yardarm.adminUrl}/api/v1/session/password`, {
      data: { name: 'admin', password: 'a lamp in the harbour' },
    });
    await admin.reload();
    await admin.getByRole('button', { name: /^End the session of/ }).click();
    await expect.poll(() => admin.getByRole('button', { name: /^End the session of/ }).count()).toBe(0);
    expect((await other.request.get(`${yardarm.adminUrl}/api/v1/session`)).status()).toBe(401);
    expect(await findViolations(admin)).toEqual([]);
  });
});

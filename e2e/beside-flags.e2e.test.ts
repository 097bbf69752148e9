/** Pages beside the flags: who is connected, who gets what, what differs, who is told, who may do what, and the proof of all of it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_TOKEN, type Launched, launchYardarm, temporaryDirectory } from '../scripts/launch.mjs';
import { callApi, switchRecommendations } from './support/api.ts';
import { findViolations } from './support/axe.ts';
import { launchBrowser, newSession } from './support/browser.ts';
import { HANDS, type Hands } from './support/hands.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let yardarm: Launched;
let browser: Browser;
let admin: Page;
/** What the webhook is told. */
let target: Server;
const told: string[] = [];
/** Of the admin's account; undefined: it has none yet. */
let current: string | undefined;

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

describe.each(HANDS)('by $name', ({ name, of: makeHands }) => {
  const team = `night-watch-${name}`;
  let hands: Hands;
  beforeAll(() => {
    hands = makeHands(admin);
  });

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
      await hands.write(admin.getByRole('textbox', { name: 'Targeting key' }), 'user-4711');
      await hands.press(admin.getByRole('button', { name: 'Look up' }));
      await admin.getByTestId('answers').waitFor();
      await hands.press(admin.getByRole('button', { name: 'Why recommendations answers this' }));
      await admin.getByText('The flag is off').waitFor();
      expect(await findViolations(admin)).toEqual([]);
      await hands.write(admin.getByRole('textbox', { name: 'Revision' }), '1');
      await hands.press(admin.getByRole('button', { name: 'Look up' }));
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
      const flag = '/projects/shop/flags/new-checkout/environments';
      // Something to promote, whoever promoted before.
      const fallthrough = { variant: name === 'mouse' ? 'on' : 'off' };
      const { version } = await callApi<{ version: number }>(yardarm.adminUrl, 'GET', `${flag}/staging`);
      await callApi(yardarm.adminUrl, 'PATCH', `${flag}/staging`, { body: { fallthrough }, version });
      await open('/projects/shop/compare?from=staging&to=production', 'Compare');
      expect(await findViolations(admin)).toEqual([]);
      await hands.tick(admin.getByRole('checkbox', { name: 'Promote flag new-checkout' }));
      await hands.press(admin.getByTestId('open-promote'));
      // Somebody else is at work in production.
      await switchRecommendations(yardarm.adminUrl, true);
      await hands.write(dialog().getByRole('textbox', { name: /^Reason/ }), 'Ready');
      await hands.press(admin.getByTestId('promote'));
      await dialog().getByTestId('stale').waitFor();
      expect(await findViolations(admin)).toEqual([]);
      await hands.press(admin.getByTestId('promote'));
      await admin.getByTestId('receipt-production').waitFor();
      const promoted = await callApi<{ fallthrough: unknown }>(yardarm.adminUrl, 'GET', `${flag}/production`);
      expect(promoted.fallthrough).toEqual(fallthrough);
    });
  });

  describe('webhooks', () => {
    it('are made with a secret that is shown once, tried, and told of changes', async () => {
      await switchRecommendations(yardarm.adminUrl, true);
      told.length = 0;
      await open('/projects/shop/webhooks', 'Webhooks');
      await hands.press(admin.getByRole('button', { name: 'New webhook' }));
      await hands.write(dialog().getByRole('textbox', { name: 'Name' }), 'on-call');
      const { port } = target.address() as AddressInfo;
      await hands.write(dialog().getByRole('textbox', { name: 'Address' }), `http://127.0.0.1:${port}/hook`);
      expect(await findViolations(admin)).toEqual([]);
      await hands.press(dialog().getByRole('button', { name: 'Create webhook' }));
      await dialog().getByTestId('secret').waitFor();
      await hands.press(dialog().getByRole('button', { name: 'I have copied it' }));
      await hands.press(admin.getByRole('button', { name: 'Send test to on-call' }));
      await admin.getByText('The test message arrived: status 204.').waitFor();
      await switchRecommendations(yardarm.adminUrl, false);
      await hands.press(admin.getByRole('button', { name: 'Deliveries', exact: true }));
      await admin.getByText('delivered, 204').first().waitFor();
      await hands.press(admin.getByRole('button', { name: /^Send again: kill of change set/ }));
      await expect.poll(() => admin.getByText('delivered, 204').count()).toBe(2);
      await expect.poll(() => told.join('\n')).toContain('flag.kill');
      expect(await findViolations(admin)).toEqual([]);
      await hands.press(admin.getByRole('button', { name: 'Delete on-call' }));
      await hands.press(dialog().getByRole('button', { name: 'Delete webhook' }));
      await admin.getByText('No webhooks yet').waitFor();
    });
  });

  describe('teams and rights', () => {
    it('make a team, give it a role in one environment, and take it', async () => {
      await open('/teams', 'Teams');
      await hands.press(admin.getByRole('button', { name: 'New team' }));
      await hands.write(dialog().getByRole('textbox', { name: 'Key' }), team);
      await hands.write(
        dialog()
          .getByRole('combobox', { name: 'Members' })
          .or(dialog().getByRole('textbox', { name: 'Members' })),
        'admin,',
      );
      expect(await findViolations(admin)).toEqual([]);
      await hands.press(dialog().getByRole('button', { name: 'Create team' }));
      await admin.getByRole('button', { name: `Edit ${team}` }).waitFor();

      await open('/projects/shop/members', 'Members');
      await hands.press(admin.getByRole('button', { name: 'Give a right' }));
      await hands.write(dialog().getByRole('combobox', { name: 'Person or team' }), team);
      await hands.choose(dialog().getByRole('combobox', { name: 'Role' }), 'Releaser: changes protected environments too');
      await hands.choose(dialog().getByRole('combobox', { name: 'Place' }), 'in Production');
      expect(await findViolations(admin)).toEqual([]);
      await hands.press(dialog().getByRole('button', { name: 'Give', exact: true }));
      await hands.press(admin.getByRole('button', { name: `Take Releaser, Production, from ${team}` }));
      expect(await findViolations(admin)).toEqual([]);
      await hands.press(dialog().getByRole('button', { name: 'Take the right' }));
      await admin.getByText(team).first().waitFor({ state: 'detached' });
      // What had the focus is gone with the right.
      await admin.locator('h1:focus').waitFor();
    });
  });

  describe('the record', () => {
    it('is sound, and names who gave the right that was taken', async () => {
      await open('/audit', 'Audit');
      await hands.press(admin.getByRole('button', { name: 'Verify now' }));
      await admin.getByTestId('proof').and(admin.locator('[data-ok="true"]')).waitFor();
      await hands.choose(admin.getByRole('combobox', { name: 'About' }), 'About teams');
      await admin.getByText(team).first().waitFor();
      expect(await findViolations(admin)).toEqual([]);
    });
  });

  describe("one's own account", () => {
    it('ends another session, and sets a password', async () => {
      const password = `a lamp in the harbour, by ${name}`;
      const other = await newSession(browser);
      await open('/account', 'admin');
      if (current) await hands.write(admin.getByRole('textbox', { name: 'Current password' }), current);
      await hands.write(admin.getByRole('textbox', { name: 'New password', exact: true }), password);
      await hands.write(admin.getByRole('textbox', { name: 'The new password again' }), password);
      await hands.press(admin.getByRole('button', { name: 'Change password' }));
      await admin.getByText('Changed. Your other sessions have ended.').waitFor();
      await other.request.post(`${yardarm.adminUrl}/api/v1/session/password`, {
        data: { name: 'admin', password },
      });
      current = password;
      await admin.reload();
      await hands.press(admin.getByRole('button', { name: /^End the session of/ }));
      await expect.poll(() => admin.getByRole('button', { name: /^End the session of/ }).count()).toBe(0);
      expect((await other.request.get(`${yardarm.adminUrl}/api/v1/session`)).status()).toBe(401);
      expect(await findViolations(admin)).toEqual([]);
    });
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

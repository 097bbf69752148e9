import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Webhook, WebhookDelivery } from '@yardarm/contract';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { type TestApp, testApp } from '../testing/test-app.ts';
import { testWebhooks } from '../testing/webhooks.ts';
import { type Sender, startSender } from './sender.ts';

const path = '/projects/web/webhooks';
let server: TestApp;
let target: Server;
let url: string;
let received: { headers: IncomingHttpHeaders; body: string }[];
let answer: (response: ServerResponse) => void;
let lines: string[];
let senders: Sender[];

beforeEach(async () => {
  received = [];
  lines = [];
  senders = [];
  answer = (response) => response.end();
  target = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers, body });
    answer(response);
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/hook`;
  server = await testApp();
  await makeProject(server, 'web');
  await makeFlag(server, 'web', 'checkout');
});
afterEach(async () => {
  target.closeAllConnections();
  target.close();
  await Promise.all(senders.map((sender) => sender.close()));
  await server.close();
});

function sender(): Sender {
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const one = startSender({
    ...testWebhooks(),
    db: server.db,
    log,
    now: Date.now,
    publicUrl: 'https://flags.example.com',
    random: () => 0.5,
  });
  senders.push(one);
  return one;
}
const saidOfOutbox = () => lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg.includes('outbox'));
const makeWebhook = (more: object = {}) =>
  server.must<Webhook>('POST', path, { body: { name: 'Hook', url, commands: ['flag.kill', 'flag.unkill'], ...more } });
const flip = (verb: 'kill' | 'unkill', flag = 'checkout') =>
  server.must('POST', `/projects/web/flags/${flag}/environments/production/${verb}`, { body: { reason: 'a <b> & c' } });
const deliveries = async ({ id }: Webhook) =>
  (await server.must<{ items: WebhookDelivery[] }>('GET', `${path}/${id}/deliveries`)).items;
const dueNow = () => server.sql`update webhook_deliveries set due_at = now() where due_at is not null`;
const unpause = () => server.sql`update webhooks set paused_until = null`;

describe('a delivery', () => {
  it('is the change set as JSON, signed over time and body', async () => {
    const webhook = await makeWebhook();
    await flip('unkill');
    await sender().look();
    const [message] = received;
    const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(message?.headers['yardarm-signature'])) ?? [];
    expect(Math.abs(Number(seconds) - Date.now() / 1_000)).toBeLessThan(60);
    expect(mac).toBe(
      createHmac('sha256', webhook.secret ?? '')
        .update(`${seconds}.${message?.body}`)
        .digest('hex'),
    );
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      version: 1,
      project: 'web',
      command: 'flag.unkill',
      actor: { kind: 'token', name: 'tests' },
      reason: 'a <b> & c',
      changes: [
        { kind: 'flag', key: 'checkout', environment: 'production', revision: 2, before: { on: false }, after: { on: true } },
      ],
      changeCount: 1,
    });
    expect(await deliveries(webhook)).toMatchObject([{ state: 'delivered', attempts: 1, lastStatus: 200, lastError: null }]);
  });

  it('is text with links in the format of Slack, in which no name makes a mention or a link', async () => {
    await makeWebhook({ format: 'slack' });
    await flip('unkill');
    await sender().look();
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      text: [
        '*flag.unkill* in <https://flags.example.com/projects/web/changes|web> by tests: a &lt;b&gt; &amp; c',
        '• flag <https://flags.example.com/projects/web/flags/checkout|checkout> in production',
      ].join('\n'),
    });
  });

  it('is sent once, however many servers look', async () => {
    for (let index = 0; index < 10; index++) await makeFlag(server, 'web', `flag-${index}`);
    const webhook = await makeWebhook();
    for (let index = 0; index < 10; index++) await flip('unkill', `flag-${index}`);
    const all = [sender(), sender(), sender()];
    await Promise.all(all.map((one) => one.look()));
    expect(received).toHaveLength(10);
    expect(new Set(received.map(({ headers }) => headers['yardarm-delivery'])).size).toBe(10);
    expect((await deliveries(webhook)).every(({ attempts }) => attempts === 1)).toBe(true);
  });

  it('is sent when a look ends, also where the look of each second was claiming already', async () => {
    await makeWebhook();
    await flip('unkill');
    const one = sender();
    void one.look();
    await one.look();
    expect(received).toHaveLength(1);
  });

  it('is due again when the server that claimed it ended', async () => {
    const webhook = await makeWebhook();
    await flip('unkill');
    await server.sql`update webhook_deliveries set attempts = 1, due_at = now() + interval '30 seconds'`;
    await sender().look();
    expect(received).toEqual([]);
    await dueNow();
    await sender().look();
    expect(await deliveries(webhook)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });
});

describe('a target that fails', () => {
  it('is tried again with the same delivery id, later and later, and shows nothing of its answer anywhere', async () => {
    answer = (response) => response.writeHead(503).end('secret of an internal service');
    const webhook = await makeWebhook();
    await flip('unkill');
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      await sender().look();
      const [delivery] = await deliveries(webhook);
      waits.push((Date.parse(delivery?.nextAttemptAt ?? '') - Date.now()) / 60_000);
      await dueNow();
    }
    expect(waits.map(Math.round)).toEqual([1, 2, 4, 8]);
    expect(new Set(received.map(({ headers }) => headers['yardarm-delivery'])).size).toBe(1);
    expect(await deliveries(webhook)).toMatchObject([
      { state: 'waiting', attempts: 4, lastStatus: 503, lastError: 'The target answered 503.' },
    ]);
    expect(JSON.stringify([await server.sql`select * from webhook_deliveries`, lines])).not.toContain('internal service');
  });

  it('is left alone for a while after five failures in a row, and works again after one message', async () => {
    answer = (response) => response.writeHead(500).end();
    const webhook = await makeWebhook();
    await flip('unkill');
    for (let attempt = 0; attempt < 5; attempt++) {
      await sender().look();
      await dueNow();
    }
    expect(await server.must('GET', `${path}/${webhook.id}`)).toMatchObject({ failures: 5, pausedUntil: expect.any(String) });
    await sender().look();
    expect(received).toHaveLength(5);
    answer = (response) => response.end();
    await unpause();
    await sender().look();
    expect(await server.must('GET', `${path}/${webhook.id}`)).toMatchObject({ failures: 0, pausedUntil: null });
    expect(await deliveries(webhook)).toMatchObject([{ state: 'delivered', attempts: 6 }]);
  });

  it('is given up after a day', async () => {
    answer = (response) => response.writeHead(500).end();
    const webhook = await makeWebhook();
    await flip('unkill');
    await server.sql`update webhook_deliveries set created_at = now() - interval '24 hours' + interval '30 seconds'`;
    await sender().look();
    expect(await deliveries(webhook)).toMatchObject([{ state: 'given_up', attempts: 1, lastStatus: 500 }]);
  });

  it('takes one place and no more: others are told meanwhile', async () => {
    const slow: ServerResponse[] = [];
    answer = (response) => void slow.push(response);
    await makeWebhook();
    await flip('unkill');
    await flip('kill');
    const one = sender();
    const looking = one.look();
    await expect.poll(() => received.length).toBe(1);
    answer = (response) => response.end();
    const other = await makeWebhook({ name: 'Other' });
    await flip('unkill');
    void one.look();
    await expect.poll(async () => (await deliveries(other)).map(({ state }) => state)).toEqual(['delivered']);
    expect(received).toHaveLength(2);
    for (const response of slow) response.end();
    await looking;
    await one.look();
    await expect.poll(() => received.length).toBe(4);
  });
});

describe('the outbox', () => {
  it('is said once to be out of reach, however often it is tried, and once to be back', async () => {
    const one = sender();
    await server.sql`alter table webhook_deliveries rename to webhook_deliveries_gone`;
    for (let count = 0; count < 3; count++) await one.look();
    await server.sql`alter table webhook_deliveries_gone rename to webhook_deliveries`;
    await one.look();
    expect(saidOfOutbox()).toMatchObject([{ level: 40, err: expect.anything() }, { level: 30 }]);
  });
});

describe('secrets in logs', () => {
  it('holds neither the secret nor the path of the address', async () => {
    answer = (response) => response.writeHead(500).end();
    const webhook = await makeWebhook({ url: `${url}/path-that-is-a-secret` });
    await flip('unkill');
    await sender().look();
    expect(lines.join('')).toMatch(/webhook not delivered/);
    for (const secret of [webhook.secret ?? '', 'path-that-is-a-secret']) expect(lines.join('')).not.toContain(secret);
  });
});

describe('POST …/webhooks/{id}/test', () => {
  it('sends a message now, says the status, and nothing of the answer', async () => {
    const { id } = await makeWebhook();
    expect(await server.must('POST', `${path}/${id}/test`)).toEqual({ ok: true, status: 200, error: null });
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ command: 'webhook.test', changes: [] });
    answer = (response) => response.writeHead(418).end('secret');
    expect(await server.must('POST', `${path}/${id}/test`)).toEqual({
      ok: false,
      status: 418,
      error: 'The target answered 418.',
    });
  });

  it('SSRF: sends nothing to an address that became private after it was saved', async () => {
    const { id } = await makeWebhook();
    await server.sql`update webhooks set url = 'http://169.254.169.254/latest/meta-data'`;
    expect(await server.must('POST', `${path}/${id}/test`)).toMatchObject({
      ok: false,
      status: null,
      error: expect.stringMatching(/not public/),
    });
    await flip('unkill');
    await sender().look();
    expect((await server.must<{ items: WebhookDelivery[] }>('GET', `${path}/${id}/deliveries`)).items).toMatchObject([
      { state: 'waiting', lastStatus: null, lastError: expect.stringMatching(/not public/) },
    ]);
  });
});

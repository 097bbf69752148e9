/** A server that answers what the commands ask for, and a home of its own for each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { run } from '../run.ts';

const shopFlag = {
  key: 'new-checkout',
  kind: 'release',
  type: 'boolean',
  description: '',
  variants: { on: true, off: false },
  salt: 'salt',
  clientSide: false,
  owner: 'payments',
  ownerTeam: null,
  expiresOn: '2026-11-01',
  tags: [],
  links: [],
  lifecycle: 'expired',
  snooze: null,
  archivedAt: null,
  version: 1,
  createdAt: '2026-08-01T00:00:00.000Z',
  environments: [environmentOf(true)],
};

function environmentOf(on: boolean) {
  return {
    environment: 'production',
    on,
    version: 1,
    updatedAt: '2026-08-01T00:00:00.000Z',
    offVariant: 'off',
    prerequisites: [],
    targets: [],
    rules: [],
    fallthrough: { variant: 'on' },
  };
}

export const comparison = {
  from: { environment: 'production', revision: 7 },
  to: { environment: 'staging', revision: 9 },
  items: [
    {
      kind: 'flag',
      key: 'new-checkout',
      change: 'changed',
      diff: [
        { path: ['fallthrough', 'variant'], kind: 'value', before: 'off', after: 'on' },
        { path: ['targets', 'on', 'keys'], kind: 'elements', before: [], after: ['u1'] },
        { path: ['rules'], kind: 'order', before: ['r1', 'r2'], after: ['r2', 'r1'] },
      ],
    },
    {
      kind: 'segment',
      key: 'beta',
      change: 'changed',
      diff: [{ path: ['when'], kind: 'value', before: null, after: { all: [] } }],
    },
  ] as object[],
  on: [{ flag: 'new-checkout', from: false, to: true }],
};

const change = {
  ...{
    id: '7-1',
    command: 'flag.kill',
    kind: 'flag',
    key: 'new-checkout',
    environment: 'production',
    revision: 7,
    before: {},
    after: {},
  },
  ...{ actor: { kind: 'person', name: 'kim' }, reason: 'on fire', requestId: 'r1', at: '2026-11-20T08:00:00.000Z' },
};
const build = {
  ...{
    source: 'deployed',
    environment: 'production',
    keyKind: null,
    app: 'shop',
    version: null,
    commit: 'abcdef0',
    instances: null,
  },
  ...{ deployedAt: '2026-11-21T08:00:00.000Z', hasReferences: false },
};
const uploaded = {
  ...{ repository: 'acme/shop', commit: 'abcdef0', isHead: true, references: 2, flags: 1, unknown: ['other-key'], archived: [] },
  changed: true,
};
export const snapshot = {
  ...{ version: 1, project: 'shop', at: '2026-11-20T00:00:00.000Z', environments: ['production'] },
  windows: { expiringDays: 14, notEvaluatedDays: 30, oneValueDays: 30, codeGoneDays: 7 },
  flags: [
    {
      ...{
        key: 'new-checkout',
        kind: 'release',
        owner: 'payments',
        expiresOn: '2026-11-01',
        archivedAt: null,
        lifecycle: 'expired',
      },
      snoozedUntil: null,
    },
  ],
};

interface Rig {
  url: string;
  home: string;
  /** Standard input. */
  input: string;
  serverVersion: string;
  readonly requests: { method: string; path: string; authorization: string | undefined; body: string }[];
  yardarm(...argv: string[]): Promise<{ code: number; text: string }>;
  yardarmWith(env: Record<string, string>, ...argv: string[]): Promise<{ code: number; text: string }>;
}

/** Called once in a test file. */
export function useRig(): Rig {
  const rig: Rig = {
    ...{ url: '', home: '', input: '', serverVersion: '0.1.0', requests: [] },
    yardarm: (...argv) =>
      rig.yardarmWith({ YARDARM_URL: rig.url, YARDARM_TOKEN: 'secret-token', YARDARM_PROJECT: 'shop', HOME: rig.home }, ...argv),
    async yardarmWith(env, ...argv) {
      const lines: string[] = [];
      const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
      const nowMs = () => Date.parse('2026-11-21T08:00:00Z');
      const code = await run(argv, { env, nowMs, readInput: async () => rig.input, output });
      return { code, text: lines.join('\n') };
    },
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    rig.requests.push({
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization,
      body,
    });
    response.setHeader('content-type', 'application/json');
    if (request.headers.authorization !== 'Bearer secret-token' && request.url !== '/api/v1/openapi.json') {
      response.statusCode = 401;
      const error = { code: 'unauthenticated', message: 'Sign in, or send an API token.', details: [], requestId: 'r1' };
      response.end(JSON.stringify({ error }));
    } else if (request.url?.includes('/refused-with-')) {
      const code = /refused-with-(\w+)/.exec(request.url)?.[1];
      response.statusCode = 403;
      response.end(JSON.stringify({ error: { code, message: 'The server would rather not.', details: [], requestId: 'r1' } }));
    } else if (request.url?.includes('/with-details/')) {
      response.statusCode = 400;
      const details = [
        { path: 'commit', message: 'Too short', code: 'too_small' },
        { path: 'app', message: 'Required' },
      ];
      const message = "The request's body has 2 problems; see details.";
      response.end(JSON.stringify({ error: { code: 'validation_failed', message, details, requestId: 'r1' } }));
    } else if (request.url?.includes('/on-an-older-server/code-references')) {
      response.statusCode = 400;
      const details = [{ path: 'rest', message: "Unknown member 'rest'.", code: 'unrecognized_keys' }];
      const message = "The request's body has 1 problem; see details.";
      response.end(JSON.stringify({ error: { code: 'validation_failed', message, details, requestId: 'r1' } }));
    } else if (request.url?.includes('/compare?')) response.end(JSON.stringify(comparison));
    else if (request.url === '/api/v1/openapi.json') response.end(JSON.stringify({ info: { version: rig.serverVersion } }));
    else if (request.url === '/api/v1/session')
      response.end(JSON.stringify({ actor: { kind: 'token', name: 'ci' }, expiresAt: null, grants: [] }));
    else if (request.url?.includes('/changes?')) response.end(JSON.stringify({ items: [change], next: null }));
    else if (request.url?.endsWith('/deployments')) response.end(JSON.stringify(build));
    else if (request.url?.endsWith('/code-references'))
      response.end(JSON.stringify({ ...uploaded, missing: JSON.parse(body).rest ?? null }));
    else if (request.url?.endsWith('/check-snapshot')) response.end(JSON.stringify(snapshot));
    else if (request.url?.endsWith('/production/copy')) response.end(JSON.stringify({ revision: 8, items: comparison.items }));
    else if (request.url === '/api/v1/projects/shop/environments/production/kill')
      response.end(JSON.stringify({ environment: 'production', killed: ['a', 'b'], alreadyOff: ['c'], revision: 9 }));
    else if (request.method === 'POST') response.end(JSON.stringify({ flag: environmentOf(false), revision: 7 }));
    else response.end(JSON.stringify({ items: [shopFlag], next: null }));
  });
  beforeEach(async () => {
    Object.assign(rig, { input: '', serverVersion: '0.1.0', home: mkdtempSync(join(tmpdir(), 'yardarm-home-')) });
    rig.requests.length = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    rig.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    rmSync(rig.home, { recursive: true });
    await new Promise((resolve) => server.close(resolve));
  });
  return rig;
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from './run.ts';

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

const comparison = {
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

let server: Server;
let url: string;
let source: string;
const requests: { method: string; path: string; authorization: string | undefined; body: string }[] = [];

beforeEach(async () => {
  requests.length = 0;
  source = mkdtempSync(join(tmpdir(), 'yardarm-check-'));
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ method: request.method ?? '', path: request.url ?? '', authorization: request.headers.authorization, body });
    response.setHeader('content-type', 'application/json');
    if (request.headers.authorization !== 'Bearer secret-token') {
      response.statusCode = 401;
      const error = { code: 'unauthenticated', message: 'Sign in, or send an API token.', details: [], requestId: 'r1' };
      response.end(JSON.stringify({ error }));
    } else if (request.url?.includes('/compare?')) response.end(JSON.stringify(comparison));
    else if (request.url?.endsWith('/production/copy')) response.end(JSON.stringify({ revision: 8, items: comparison.items }));
    else if (request.url === '/api/v1/projects/shop/environments/production/kill')
      response.end(JSON.stringify({ environment: 'production', killed: ['a', 'b'], alreadyOff: ['c'], revision: 9 }));
    else if (request.method === 'POST') response.end(JSON.stringify({ flag: environmentOf(false), revision: 7 }));
    else response.end(JSON.stringify({ items: [shopFlag], next: null }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  rmSync(source, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});

async function yardarm(...argv: string[]) {
  const lines: string[] = [];
  const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
  const code = await run(argv, {
    env: { YARDARM_URL: url, YARDARM_TOKEN: 'secret-token', YARDARM_PROJECT: 'shop' },
    today: '2026-11-21',
    output,
  });
  return { code, text: lines.join('\n') };
}

describe('yardarm check', () => {
  it('exits 1 on an expired flag and names file, line and owner', async () => {
    writeFileSync(join(source, 'cart.ts'), "\nif (await flags.getBooleanValue('new-checkout', false)) pay();\n");
    const { code, text } = await yardarm('check', '--source', source);
    expect(code).toBe(1);
    expect(text).toContain(
      "cart.ts:2: error: flag 'new-checkout' expired on 2026-11-01 (owner payments): remove it from the code",
    );
  });

  it('only warns about an expired flag that the code no longer names, so that a cleaned build passes', async () => {
    const { code, text } = await yardarm('check', '--source', source);
    expect(code).toBe(0);
    expect(text).toContain("warning: flag 'new-checkout' expired on 2026-11-01");
  });

  it('exits 2 when there is no such source directory', async () => {
    expect(await yardarm('check', '--source', '/nowhere')).toMatchObject({
      code: 2,
      text: expect.stringContaining("'/nowhere'"),
    });
  });

  it('gives the same findings as versioned JSON', async () => {
    const { text } = await yardarm('check', '--source', source, '--json');
    expect(JSON.parse(text)).toMatchObject({
      version: 1,
      project: 'shop',
      findings: [{ code: 'expired', severity: 'warning', flag: 'new-checkout', references: [] }],
    });
  });
});

describe('yardarm kill', () => {
  it('posts the reason and says at which revision the flag is off', async () => {
    const { code, text } = await yardarm('kill', 'new-checkout', '--environment', 'production', '--reason', 'on fire');
    expect(code).toBe(0);
    expect(text).toBe('new-checkout is off in production, revision 7.');
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/projects/shop/flags/new-checkout/environments/production/kill',
    });
    expect(JSON.parse(requests[0]!.body)).toEqual({ reason: 'on fire' });
  });

  it.each([
    [['a', 'b', 'c'], { flags: ['a', 'b', 'c'] }],
    [['--tag', 'slow'], { tag: 'slow' }],
    [['--owner', 'search'], { owner: 'search' }],
  ])('kills several with %j in one request, and says what was on', async (which, input) => {
    const { code, text } = await yardarm('kill', ...which, '--environment', 'production', '--reason', 'on fire');
    expect([code, text]).toEqual([0, 'Killed 2 flags in production, revision 9: a, b\nOff already: c']);
    expect(requests.map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
      ['/api/v1/projects/shop/environments/production/kill', { ...input, reason: 'on fire' }],
    ]);
  });

  it('exits 2 when it is told twice which flags to kill, and asks nothing of the server', async () => {
    for (const which of [
      ['a', '--tag', 'slow'],
      ['--tag', 'slow', '--owner', 'search'],
    ])
      expect(await yardarm('kill', ...which, '--environment', 'production')).toMatchObject({ code: 2 });
    expect(requests).toEqual([]);
  });

  it('exits 2 without an environment, and asks nothing of the server', async () => {
    const { code, text } = await yardarm('kill', 'new-checkout');
    expect(code).toBe(2);
    expect(text).toContain('--environment');
    expect(requests).toEqual([]);
  });
});

describe('yardarm', () => {
  it('exits 2 on an unknown command or option, naming it', async () => {
    expect(await yardarm('frobnicate')).toMatchObject({ code: 2, text: expect.stringContaining("'frobnicate'") });
    expect(await yardarm('flags', '--frob')).toMatchObject({ code: 2, text: expect.stringContaining('--frob') });
  });

  it('exits 3 and blames the token when the server does not know it', async () => {
    expect(await yardarm('flags', '--token', 'wrong')).toMatchObject({
      code: 3,
      text: expect.stringContaining('does not accept this token'),
    });
  });

  it('exits 3 and names the address when nobody answers there', async () => {
    const { code, text } = await yardarm('flags', '--url', 'http://127.0.0.1:9');
    expect(code).toBe(3);
    expect(text).toContain('http://127.0.0.1:9');
  });

  it('lists the flags with their state in each environment', async () => {
    expect(await yardarm('flags')).toMatchObject({ code: 0, text: 'new-checkout  release  payments  2026-11-01  production on' });
  });
});

describe('yardarm diff', () => {
  it('shows each difference and exits 1', async () => {
    const { code, text } = await yardarm('diff', '--from', 'production', '--to', 'staging');
    expect(text).toBe(
      [
        'flag new-checkout changed',
        '  - fallthrough.variant: "off"',
        '  + fallthrough.variant: "on"',
        '  + targets.on.keys: "u1"',
        '  ~ rules: now in the order r2, r1',
        'segment beta changed',
        '  - when: null',
        '  + when: {"all":[]}',
        'flag new-checkout is off in production, on in staging',
      ].join('\n'),
    );
    expect(code).toBe(1);
    expect(requests[0]?.path).toBe('/api/v1/projects/shop/compare?from=production&to=staging');
  });

  it('needs both environments', async () => {
    expect((await yardarm('diff', '--from', 'production')).code).toBe(2);
  });
});

describe('yardarm promote', () => {
  it('copies everything unless told, with the reason', async () => {
    const { code, text } = await yardarm('promote', '--from', 'staging', '--to', 'production', '--reason', 'release 7');
    expect(code).toBe(0);
    expect(text).toContain('2 changes made in production, revision 8.');
    expect(requests).toMatchObject([{ method: 'POST', path: '/api/v1/projects/shop/environments/production/copy' }]);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ from: 'staging', reason: 'release 7' });
  });

  it('copies what is named and nothing else', async () => {
    await yardarm('promote', 'new-checkout', '--from', 'staging', '--to', 'production', '--segments', 'beta,staff');
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      from: 'staging',
      flags: ['new-checkout'],
      segments: ['beta', 'staff'],
    });
  });

  it('shows on a dry run what the target would become, and only reads', async () => {
    const { text } = await yardarm('promote', 'new-checkout', '--from', 'staging', '--to', 'production', '--dry-run');
    expect(requests).toMatchObject([{ method: 'GET', path: '/api/v1/projects/shop/compare?from=production&to=staging' }]);
    expect(text).toContain('  + fallthrough.variant: "on"');
    expect(text).not.toContain('beta');
    expect(text).toContain('1 change would be made in production.');
  });
});

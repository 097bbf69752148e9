import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { useRig } from '../testing/rig.ts';

const rig = useRig();
let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

const actions = ['flag.create', 'flag.configure', 'flag.unkill'];
const at = '2026-08-01T00:00:00.000Z';
const production = {
  ...{
    key: 'production',
    name: 'Production',
    position: 0,
    color: 'gray',
    protected: false,
    version: 1,
    epoch: '0-x',
    revision: 1,
  },
};
const inProduction = {
  ...{ environment: 'production', on: false, version: 1, updatedAt: at, offVariant: 'off' },
  ...{ prerequisites: [], targets: [], rules: [], fallthrough: { variant: 'on' } },
};
const made = {
  ...{ key: 'a', kind: 'operational', type: 'boolean', description: '', variants: { on: true, off: false }, salt: 's' },
  ...{ clientSide: false, owner: null, ownerTeam: null, expiresOn: null, tags: [], links: [], lifecycle: 'active', snooze: null },
  ...{ archivedAt: null, version: 1, createdAt: at, environments: [inProduction] },
};

interface Trouble {
  /** 0: the server hangs up. */
  readonly status: number;
  readonly code?: string;
  /** So often each write is refused, with `Retry-After: 0`, before it is taken; without this always, and nothing says when to come back. */
  readonly refusals?: number;
}

let writes: number;
/** A server that makes the first flag whole, and is in trouble for whatever is written from the second on. */
async function start({ status, code = 'x', refusals }: Trouble): Promise<string> {
  let refusedInARow = 0;
  writes = 0;
  server?.close();
  server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    const answer = (body: object) => response.end(JSON.stringify(body));
    if (request.method === 'GET') {
      if (request.url?.endsWith('/session'))
        return answer({
          ...{ actor: { kind: 'token', name: 'ci' }, person: null, expiresAt: null },
          grants: [{ role: null, actions, project: null, environment: null }],
        });
      return answer({ items: request.url?.includes('/environments') ? [production] : [], next: null });
    }
    writes++;
    if (writes <= 3) return answer(writes === 1 ? made : { flag: inProduction, revision: 7 });
    if (status === 0) return request.socket.destroy();
    if (refusals !== undefined) response.setHeader('retry-after', '0');
    if (refusals !== undefined && ++refusedInARow > refusals) {
      refusedInARow = 0;
      return answer(request.url?.endsWith('/flags') ? made : { flag: inProduction, revision: 7 });
    }
    response.statusCode = status;
    return answer({ error: { code, message: 'Not now.', details: [], requestId: 'r' } });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function importThree(trouble: Trouble, ...more: string[]) {
  const file = join(rig.home, 'flags.json');
  const flag = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on' };
  writeFileSync(file, JSON.stringify({ flags: { a: flag, b: flag, c: flag } }));
  const url = await start(trouble);
  const argv = ['import', '--from', 'flagd', file, '--environment', 'production', '--url', url, '--yes', ...more];
  return rig.yardarm(...argv);
}

describe('yardarm import --from', () => {
  it.each([0, 401, 429, 503])(
    'ends where the server takes nothing any more (%d), and says what was written by then',
    async (status) => {
      const { code, text } = await importThree({ status });
      const [written, why] = text.split('\n').slice(-2);
      expect([code, written]).toEqual([3, '1 flag and 0 segments written to project shop.']);
      expect(why).toMatch(/^yardarm: .+[.?] The import ended there: import again to go on\.$/);
    },
  );

  it.each([
    [429, 'rate_limited'],
    [503, 'unavailable'],
  ])('comes back twice when the server says (%d), and then ends', async (status, code) => {
    const { text } = await importThree({ status, code, refusals: 2 });
    expect(text.split('\n').at(-1)).toBe('3 flags and 0 segments written to project shop.');
    expect((await importThree({ status, code, refusals: 3 })).code).toBe(3);
    expect(writes).toBe(3 + 3);
  });

  it('does not repeat a change that may have been made', async () => {
    expect((await importThree({ status: 503, code: 'outcome_unknown', refusals: 1 })).code).toBe(3);
    expect(writes).toBe(3 + 1);
  });

  it('says so in JSON too', async () => {
    const { code, text } = await importThree({ status: 503 }, '--json');
    const [json, why] = text.split('\n');
    expect(JSON.parse(json ?? '')).toMatchObject({
      version: 1,
      applied: { flags: ['a'], segments: [], refused: [], interrupted: expect.stringMatching(/^Not now\./) },
    });
    expect([code, why]).toEqual([
      3,
      expect.stringMatching(/^yardarm: Not now\..* The import ended there: import again to go on\.$/),
    ]);
  });

  it('goes on where the server refuses one of them', async () => {
    const { code, text } = await importThree({ status: 409 });
    expect(text).toMatch(/REFUSED {2}flag b: Not now\..*\nREFUSED {2}flag c: Not now\./);
    expect([code, text.split('\n').at(-1)]).toEqual([3, '1 flag and 0 segments written to project shop, 2 refused.']);
  });
});

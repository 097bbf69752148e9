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

/** A server that makes the first flag whole and answers `status` to whatever is written from the second on; 0: it hangs up. */
async function start(status: number): Promise<string> {
  let writes = 0;
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
    response.statusCode = status;
    return answer({ error: { code: 'x', message: 'Not now.', details: [], requestId: 'r' } });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function importThree(status: number, ...more: string[]) {
  const file = join(rig.home, 'flags.json');
  const flag = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on' };
  writeFileSync(file, JSON.stringify({ flags: { a: flag, b: flag, c: flag } }));
  const url = await start(status);
  const argv = ['import', '--from', 'flagd', file, '--environment', 'production', '--url', url, '--yes', ...more];
  return rig.yardarm(...argv);
}

describe('yardarm import --from', () => {
  it.each([0, 401, 429, 503])(
    'ends where the server takes nothing any more (%d), and says what was written by then',
    async (status) => {
      const { code, text } = await importThree(status);
      const [written, why] = text.split('\n').slice(-2);
      expect([code, written]).toEqual([3, '1 flag and 0 segments written to project shop.']);
      expect(why).toMatch(/^yardarm: .+[.?] The import ended there: import again to go on\.$/);
    },
  );

  it('says so in JSON too', async () => {
    const { code, text } = await importThree(503, '--json');
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
    const { code, text } = await importThree(409);
    expect(text).toMatch(/REFUSED {2}flag b: Not now\..*\nREFUSED {2}flag c: Not now\./);
    expect([code, text.split('\n').at(-1)]).toEqual([3, '1 flag and 0 segments written to project shop, 2 refused.']);
  });
});

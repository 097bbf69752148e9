import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../run.ts';

const chain = {
  type: 'chain',
  chain: 'instance',
  project: null,
  links: 3,
  adopted: 0,
  head: 'abc',
  checkpoints: 1,
  finding: null,
};
const strays = { type: 'strays', findings: [] };
const end = { type: 'end', ok: true, links: 3, findings: 0 };
const checkpoint = { chain: 'instance', seq: 3, hash: 'abc', mac: 'def', at: '2027-01-31T02:00:00.000000Z' };
const broken = { chain: 'p1', seq: 2, changeSet: '7', cause: 'changed', message: 'Change set 7, link 2: its row differ.' };

let server: Server;
let folder: string;
let proofs: object[];
let bodies: string[];
let said: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yardarm-audit-'));
  proofs = [{ type: 'progress', chain: 'instance', links: 3 }, chain, strays, end];
  bodies = [];
  said = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    if (request.method === 'POST') response.end(proofs.map((proof) => `${JSON.stringify(proof)}\n`).join(''));
    else if (request.url?.includes('cursor')) response.end(JSON.stringify({ items: [{ ...checkpoint, seq: 4 }], next: null }));
    else response.end(JSON.stringify({ items: [checkpoint], next: 'instance:3' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function yardarm(...argv: string[]): Promise<number> {
  const env = { YARDARM_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, YARDARM_TOKEN: 'secret-token' };
  const say = (line: string) => void said.push(line);
  return run(argv, {
    env,
    nowMs: () => Date.parse('2027-01-31T08:00:00Z'),
    readInput: async () => '',
    output: { out: say, error: say },
  });
}

it('prints checkpoints of all pages, and holds the file that they make against the chains', async () => {
  expect(await yardarm('audit', 'checkpoints')).toBe(0);
  expect(said.map((line) => JSON.parse(line).seq)).toEqual([3, 4]);
  const file = join(folder, 'checkpoints');
  writeFileSync(file, said.join('\n'));
  bodies = [];
  expect(await yardarm('audit', 'verify', '--checkpoints', file)).toBe(0);
  expect(bodies).toEqual([JSON.stringify({ checkpoints: [checkpoint, { ...checkpoint, seq: 4 }] })]);
  expect(said.at(-1)).toBe('Nothing was changed since it was recorded. Checkpoints from elsewhere: 2.');
});

it('exits 1 and names what is broken', async () => {
  proofs = [{ ...chain, finding: broken }, strays, { ...end, ok: false, findings: 1 }];
  expect(await yardarm('audit', 'verify')).toBe(1);
  expect(said.at(-1)).toBe('changed: Change set 7, link 2: its row differ. Chain p1.');
});

it('takes a verification that was broken off for none', async () => {
  proofs = [chain];
  expect(await yardarm('audit', 'verify')).toBe(3);
  expect(said.at(-1)).toContain('broken off');
});

it('says which line of the file is no checkpoint, and which command there is not', async () => {
  const file = join(folder, 'checkpoints');
  writeFileSync(file, `${JSON.stringify(checkpoint)}\n{"chain":1}\n`);
  expect(await yardarm('audit', 'verify', '--checkpoints', file)).toBe(2);
  expect(said.at(-1)).toContain('line 2: this is no checkpoint');
  expect(await yardarm('audit', 'nonsense')).toBe(2);
});

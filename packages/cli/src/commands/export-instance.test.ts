import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealLine } from '@yardarm/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../run.ts';

const BODIES = 'b'.repeat(64);
const header = { type: 'header', format: 1, server: '0.1.0', at: '2027-01-31T02:00:00.000Z', secrets: true, history: false };
const lines = [header, { type: 'project', row: { key: 'shop' } }].map(sealLine).join('');
const sha256 = createHash('sha256').update(lines).digest('hex');
const whole = lines + sealLine({ type: 'end', counts: { project: 1 }, bodies: BODIES, sha256 });

let server: Server;
let folder: string;
let answer: string;
let requests: { method: string | undefined; url: string | undefined; type: string | undefined; body: string }[];
let said: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yardarm-export-'));
  answer = whole;
  requests = [];
  said = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ method: request.method, url: request.url, type: request.headers['content-type'], body });
    if (request.method === 'GET') response.end(answer);
    else response.end(JSON.stringify({ counts: { project: 1 }, leftOut: { key: 2 }, bodies: BODIES }));
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

it('writes an export for its owner only, and says the SHA-256 of all bodies', async () => {
  const out = join(folder, 'export.jsonl');
  expect(await yardarm('export', '--out', out, '--with-secrets', '--reason', 'move')).toBe(0);
  expect(requests).toMatchObject([{ method: 'GET', url: '/api/v1/export?secrets=true&history=false&reason=move' }]);
  expect(readFileSync(out, 'utf8')).toBe(whole);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(said.join('\n')).toContain(BODIES);
});

it('leaves nothing behind of an export that was cut on its way', async () => {
  answer = whole.slice(0, -20);
  expect(await yardarm('export', '--out', join(folder, 'export.jsonl'))).toBe(3);
  expect(said.join('\n')).toMatch(/Line 3 is damaged/);
  expect(readdirSync(folder)).toEqual([]);
});

it('verifies a file without a server, and names the line that is damaged with exit code 1', async () => {
  const file = join(folder, 'export.jsonl');
  writeFileSync(file, whole);
  expect(await yardarm('export', 'verify', file)).toBe(0);
  writeFileSync(file, whole.replace('shop', 'shoq'));
  expect(await yardarm('export', 'verify', file)).toBe(1);
  expect(said.at(-1)).toMatch(/Line 2 is damaged/);
  expect(await yardarm('export', 'verify', join(folder, 'none'))).toBe(2);
  expect(requests).toEqual([]);
});

it('imports a file that is whole, and sends no other', async () => {
  const file = join(folder, 'export.jsonl');
  writeFileSync(file, whole);
  expect(await yardarm('import', file)).toBe(0);
  expect(requests).toEqual([{ method: 'POST', url: '/api/v1/import', type: 'application/x-ndjson', body: whole }]);
  expect(said).toEqual([
    'Imported 1 project.',
    'Left out, for want of secrets in the export: 2 key.',
    `SHA-256 of all bodies: ${BODIES}, as in the export`,
  ]);
  writeFileSync(file, lines);
  expect(await yardarm('import', file)).toBe(3);
  expect(requests).toHaveLength(1);
});

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealLine } from '@yardarm/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../run.ts';

const half = { on: true, offVariant: 'off', prerequisites: [], targets: [], rules: [], fallthrough: null, version: 1 };
const shared = {
  kind: 'operational',
  type: 'boolean',
  variants: { on: true, off: false },
  salt: 'salt',
  clientSide: false,
  owner: null,
};
const rest = { ownerTeam: null, expiresOn: null, tags: [], links: [], lifecycle: 'active', snooze: null, version: 1 };
const times = { createdAt: '2026-08-01T00:00:00.000Z', archivedAt: null };
const environments = [{ ...half, environment: 'production', updatedAt: times.createdAt }];
const flag = (key: string, more: object = {}) => ({
  ...{ key, description: `About ${key}`, ...shared, ...rest, ...times, environments },
  ...more,
});
const archived = { archivedAt: times.createdAt, lifecycle: 'archived' };

let server: Server;
let folder: string;
let items: readonly object[];
let said: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yardarm-generate-'));
  items = [flag('search'), flag('checkout'), flag('old', archived)];
  said = [];
  server = createServer((_request, response) => response.end(JSON.stringify({ items, next: null })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function yardarm(...argv: string[]): Promise<number> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const say = (line: string) => void said.push(line);
  const env = { YARDARM_URL: url, YARDARM_TOKEN: 'secret-token', YARDARM_PROJECT: 'shop' };
  return run(['generate', ...argv], {
    env,
    nowMs: () => Date.parse('2027-01-31T08:00:00Z'),
    readInput: async () => '',
    output: { out: say, error: say },
  });
}

/** As `yardarm export` writes it. */
function writeExport(): string {
  const lines = [
    { type: 'header', format: 1, server: '0.1.0', at: '2027-01-31T02:00:00.000Z', secrets: false, history: false },
    { type: 'project', row: { id: 'p0', key: 'other' } },
    { type: 'project', row: { id: 'p1', key: 'shop' } },
    ...(items as { key: string }[]).map((row) => ({ type: 'flag', row: { ...row, id: `id-${row.key}`, projectId: 'p1' } })),
    { type: 'flag', row: { ...flag('elsewhere'), id: 'x', projectId: 'p0' } },
    { type: 'flag-environment', row: { ...half, flagId: 'id-checkout', environmentId: 'e1' } },
    { type: 'flag-environment', row: { ...half, flagId: 'id-search', environmentId: 'e1' } },
  ];
  const text = lines.map(sealLine).join('');
  const sha256 = createHash('sha256').update(text).digest('hex');
  const counts = { project: 2, flag: 4, 'flag-environment': 2 };
  const path = join(folder, 'export.jsonl');
  writeFileSync(path, text + sealLine({ type: 'end', counts, bodies: 'b'.repeat(64), sha256 }));
  return path;
}

describe('yardarm generate', () => {
  it('writes module and manifest of the flags that are not archived', async () => {
    const [module, manifest] = [join(folder, 'src/flags.ts'), join(folder, 'flags.json')];
    expect(await yardarm('--out', module, '--manifest', manifest)).toBe(0);
    expect(readFileSync(module, 'utf8')).toMatch(/checkout: 'checkout'.*search: 'search'/s);
    expect(readFileSync(module, 'utf8')).not.toContain('old');
    expect(JSON.parse(readFileSync(manifest, 'utf8')).flags).toEqual({
      checkout: { flagType: 'boolean', defaultValue: false, description: 'About checkout' },
      search: { flagType: 'boolean', defaultValue: false, description: 'About search' },
    });
    expect(said).toEqual([`${module} written, 2 flags.`, `${manifest} written, 2 flags.`]);
  });

  it('writes the same from an export, and leaves a file alone that would not change', async () => {
    const out = join(folder, 'flags.ts');
    await yardarm('--out', out);
    const before = statSync(out).mtimeMs;
    items = [...items].reverse();
    expect(await yardarm('--out', out, '--file', writeExport(), '--url', 'http://127.0.0.1:9')).toBe(0);
    expect([statSync(out).mtimeMs, said.at(-1)]).toEqual([before, `${out} is up to date, 2 flags.`]);
  });

  it('with --check exits 1 where a file is out of date or missing, and writes nothing', async () => {
    const out = join(folder, 'flags.ts');
    expect(await yardarm('--out', out, '--check')).toBe(1);
    await yardarm('--out', out);
    expect(await yardarm('--out', out, '--check')).toBe(0);
    const before = readFileSync(out, 'utf8');
    items = [...items, flag('newer')];
    expect(await yardarm('--out', out, '--check')).toBe(1);
    expect(said.at(-1)).toBe(`${out} is out of date: run yardarm generate again, and commit it.`);
    expect(readFileSync(out, 'utf8')).toBe(before);
    expect(await yardarm('--out', out, '--check', '--json')).toBe(1);
    expect(JSON.parse(said.at(-1) ?? '')).toEqual({ version: 1, flags: 3, files: [{ file: out, isCurrent: false }] });
  });

  it('exits 2 without a file to write, with one that cannot be written or read, or a project that an export does not hold', async () => {
    expect(await yardarm()).toBe(2);
    expect(await yardarm('--out', join(folder, 'export.jsonl/flags.ts'), '--file', writeExport())).toBe(2);
    expect(await yardarm('--out', join(folder, 'flags.ts'), '--file', join(folder, 'nothing.jsonl'))).toBe(2);
    expect(await yardarm('--out', join(folder, 'flags.ts'), '--file', writeExport(), '--project', 'nowhere')).toBe(2);
    expect(said.at(-1)).toContain("holds no project 'nowhere'");
  });

  it('exits 3 where the export is damaged', async () => {
    const path = writeExport();
    writeFileSync(path, readFileSync(path, 'utf8').replace('About search', 'About fraud!'));
    expect(await yardarm('--out', join(folder, 'flags.ts'), '--file', path)).toBe(3);
  });
});

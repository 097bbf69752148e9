import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprint } from './fingerprint.mjs';
import { isStale } from './install.mjs';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'yardarm scripts '));
  await mkdir(path.join(root, 'src', 'deep'), { recursive: true });
  await writeFile(path.join(root, 'src', 'a.ts'), 'a');
  await writeFile(path.join(root, 'src', 'deep', 'b.ts'), 'b');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('fingerprint', () => {
  it('stays the same when only file times change', async () => {
    const before = await fingerprint(root, ['src']);
    await utimes(path.join(root, 'src', 'a.ts'), new Date(), new Date(0));
    expect(await fingerprint(root, ['src'])).toBe(before);
  });

  it('changes with a content, a name, a new file and a removed one', async () => {
    const seen = [await fingerprint(root, ['src'])];
    await writeFile(path.join(root, 'src', 'a.ts'), 'A');
    seen.push(await fingerprint(root, ['src']));
    await rename(path.join(root, 'src', 'a.ts'), path.join(root, 'src', 'c.ts'));
    seen.push(await fingerprint(root, ['src']));
    await writeFile(path.join(root, 'src', 'd.ts'), '');
    seen.push(await fingerprint(root, ['src']));
    await rm(path.join(root, 'src', 'deep'), { recursive: true });
    seen.push(await fingerprint(root, ['src']));
    expect(new Set(seen).size).toBe(5);
  });

  it('does not read results, packages or tests', async () => {
    const before = await fingerprint(root, ['src']);
    for (const folder of ['dist', 'node_modules', 'testing']) {
      await mkdir(path.join(root, 'src', folder));
      await writeFile(path.join(root, 'src', folder, 'x.ts'), 'x');
    }
    await writeFile(path.join(root, 'src', 'a.test.ts'), 'x');
    expect(await fingerprint(root, ['src'])).toBe(before);
  });

  it('reads only the files that the caller accepts', async () => {
    const before = await fingerprint(root, ['src'], (file) => !file.startsWith('src/deep/'));
    await writeFile(path.join(root, 'src', 'deep', 'b.ts'), 'other');
    expect(await fingerprint(root, ['src'], (file) => !file.startsWith('src/deep/'))).toBe(before);
  });
});

describe('an install', () => {
  it('is stale without its marker, and when a manifest is newer than the marker', async () => {
    const marker = path.join(root, '.modules.yaml');
    const manifest = path.join(root, 'src', 'a.ts');
    expect(await isStale(marker, [manifest])).toBe(true);
    await writeFile(marker, '');
    await utimes(manifest, new Date(), new Date(Date.now() - 60_000));
    expect(await isStale(marker, [manifest])).toBe(false);
    await utimes(manifest, new Date(), new Date(Date.now() + 60_000));
    expect(await isStale(marker, [manifest])).toBe(true);
  });
});

import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureSecret } from './secret-file.ts';

describe('ensureSecret', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yardarm-secret-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes a secret that only its owner may read, and keeps it', async () => {
    const path = join(folder, 'data', 'secret');
    const first = await ensureSecret(path);
    expect(first.length).toBeGreaterThanOrEqual(43);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await ensureSecret(path)).toBe(first);
    expect(readdirSync(join(folder, 'data'))).toEqual(['secret']);
  });

  it('gives servers that start together the same secret', async () => {
    const path = join(folder, 'secret');
    const secrets = await Promise.all(Array.from({ length: 8 }, () => ensureSecret(path)));
    expect(new Set(secrets).size).toBe(1);
    expect(readdirSync(folder)).toEqual(['secret']);
  });

  it('refuses a file that was cut short, without repeating it', async () => {
    const path = join(folder, 'secret');
    writeFileSync(path, 'shortsecret');
    await expect(ensureSecret(path)).rejects.toThrow(/^The secret file '.*' holds fewer than 32 characters\. [^.]*\.$/);
    await expect(ensureSecret(path)).rejects.not.toThrow('shortsecret');
  });

  it('says in one sentence which variable to set where the file cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(ensureSecret(join(folder, 'file', 'secret'))).rejects.toThrow(/ENOTDIR.*YARDARM_SECRET_FILE/);
  });
});

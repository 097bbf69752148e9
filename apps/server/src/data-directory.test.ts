import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureDataDirectory } from './data-directory.ts';
import { ensureSecret } from './secret-file.ts';

describe('ensureDataDirectory', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yardarm-directory-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const modeOf = (...names: string[]) => statSync(join(folder, ...names)).mode & 0o777;

  it('makes every folder that is missing, for its owner; made by root, others may pass through', async () => {
    await ensureDataDirectory(join(folder, 'a', 'b'));
    const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
    expect([modeOf('a'), modeOf('a', 'b')]).toEqual([mode, mode]);
  });

  it('leaves a folder that exists as it is', async () => {
    mkdirSync(join(folder, 'mine'), { mode: 0o750 });
    await ensureDataDirectory(join(folder, 'mine'));
    expect(modeOf('mine')).toBe(0o750);
  });

  it('is made once by servers that start together', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await Promise.all(Array.from({ length: 8 }, () => ensureDataDirectory(path)));
    expect(existsSync(path)).toBe(true);
  });

  it('refuses a place below a file in one sentence', async () => {
    writeFileSync(join(folder, 'file'), '');
    for (const path of [join(folder, 'file'), join(folder, 'file', 'data')])
      await expect(ensureDataDirectory(path)).rejects.toThrow(/^The data directory '.*' cannot be made \(\w+\)\. Set YARDARM/);
  });

  // Node's own recursive mkdir tries such a place for ever.
  it.runIf(existsSync('/proc/self'))('refuses a file system that takes no folders, at once', async () => {
    await expect(ensureDataDirectory('/proc/nope/data')).rejects.toThrow(/'\/proc\/nope\/data' cannot be made \(ENOENT\)/);
    await expect(ensureSecret('/proc/nope/secret')).rejects.toThrow(/'\/proc\/nope\/secret' cannot be read or made \(ENOENT\)/);
  });
});

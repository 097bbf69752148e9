/** What a summary compares with: the references of an earlier commit, or of a scan that was kept. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CheckSnapshot } from '@yardarm/contract';
import { z } from 'zod';
import { scanTree } from '../scan/scan-tree.ts';
import { UsageError } from '../usage.ts';

/** Flags that the code names, known and unknown. */
export type NamedFlags = ReadonlySet<string>;

const flags = z.array(z.object({ flag: z.string() }));
const scanFile = z.object({ version: z.literal(1), scanner: z.string(), references: flags, unknown: flags });

/** @param base a file of `yardarm scan --json`, or a commit. Throws a UsageError where it is neither. */
export async function readBase(base: string, source: string, snapshot: CheckSnapshot): Promise<NamedFlags> {
  const text = await readFile(base, 'utf8').catch(() => null);
  return text === null ? scanCommit(base, source, snapshot) : readScanFile(base, text);
}

function readScanFile(path: string, text: string): NamedFlags {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`'${path}' is no JSON: give a file that yardarm scan --json wrote, or a commit.`, { cause });
  }
  const parsed = scanFile.safeParse(json);
  if (!parsed.success) throw new UsageError(`'${path}' is no scan: give a file that yardarm scan --json wrote, or a commit.`);
  return new Set([...parsed.data.references, ...parsed.data.unknown].map(({ flag }) => flag));
}

/** Unpacked beside the tree, which stays as it is. */
async function scanCommit(commit: string, source: string, snapshot: CheckSnapshot): Promise<NamedFlags> {
  const folder = await mkdtemp(join(tmpdir(), 'yardarm-base-'));
  const archive = join(folder, '.base.tar');
  const run = (program: string, args: readonly string[]) => promisify(execFile)(program, [...args], { cwd: source });
  try {
    // A commit that begins with a dash would be an option of git.
    await run('git', ['rev-parse', '--verify', '--end-of-options', `${commit}^{commit}`]);
    // Run in a folder of the repository, the archive holds that folder alone.
    await run('git', ['archive', '--format=tar', '-o', archive, commit]);
    await run('tar', ['-xf', archive, '-C', folder]);
  } catch (cause) {
    throw new UsageError(
      `'${commit}' is neither a file of yardarm scan --json nor a commit of this clone; a shallow one has to fetch it first.`,
      { cause },
    );
  }
  try {
    const { references, unknown } = scanTree(folder, new Set(snapshot.flags.map(({ key }) => key)));
    return new Set([...references, ...unknown].map(({ flag }) => flag));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

import { writeFile } from 'node:fs/promises';
import type { ApiClient } from '../api-client.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output, UsageError } from '../usage.ts';

const DEFAULT_FILE = 'yardarm-flags.json';

/** Writes what `yardarm check --snapshot` reads, so that a build needs no network. It holds no rule and no secret. */
export async function exportCheckSnapshot(client: ApiClient, options: Options, output: Output): Promise<number> {
  const snapshot = await client.checkSnapshot(required(options.project, '--project'));
  const file = options.out ?? DEFAULT_FILE;
  await writeFile(file, `${JSON.stringify(snapshot)}\n`).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`'${file}' cannot be written (${cause.code}); give another --out.`, { cause });
  });
  const { project, flags, at } = snapshot;
  if (options.json) output.out(JSON.stringify({ version: 1, file, project, at, flags: flags.length }));
  else output.out(`${file} written: ${flags.length} flags of ${project} as of ${at}.`);
  return EXIT.clean;
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { type ExportEnd, ExportFileError, exportEnd, readExport } from '@yardarm/contract';
import type { ApiClient } from '../api-client.ts';
import type { Options } from '../options.ts';
import { ApiError, EXIT, type Output, UsageError } from '../usage.ts';

const DEFAULT_FILE = 'yardarm-export.jsonl';

/** Writes the export, readable by its owner only, and gives it its name once it is whole. */
export async function exportInstance(client: ApiClient, options: Options, output: Output): Promise<number> {
  const query = new URLSearchParams({ secrets: String(options.withSecrets), history: String(options.withHistory) });
  if (options.reason !== undefined) query.set('reason', options.reason);
  const path = options.out ?? DEFAULT_FILE;
  const draft = `${path}.part`;
  const file = await open(draft, 'w', 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`'${draft}' cannot be written (${cause.code}); give another --out.`, { cause });
  });
  try {
    for await (const bytes of await client.exportInstance(query)) await file.writeFile(bytes);
    await file.sync();
    const end = await checkFile(draft);
    await rename(draft, path);
    return report(path, end, options, output);
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}

/** Exit code 1 where the file is not whole. */
export async function verifyExport(path: string, options: Options, output: Output): Promise<number> {
  try {
    return report(path, await checkFile(path), options, output);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    output.error(error.message);
    return EXIT.findings;
  }
}

function report(path: string, end: ExportEnd, options: Options, output: Output): number {
  if (options.json) output.out(JSON.stringify({ version: 1, file: path, counts: end.counts, bodies: end.bodies }));
  else {
    const counts = Object.entries(end.counts).map(([type, count]) => `${count} ${type}`);
    output.out(`${path} is whole: ${counts.join(', ')}.`);
    output.out(`SHA-256 of all bodies: ${end.bodies}`);
  }
  return EXIT.clean;
}

/** Throws an ApiError with the sentence that names the line. */
export async function checkFile(path: string): Promise<ExportEnd> {
  let end: ExportEnd | undefined;
  try {
    for await (const { type, value } of readExport(createReadStream(path), createHash('sha256')))
      if (type === 'end') end = exportEnd.parse({ type, ...value });
  } catch (error) {
    if (error instanceof ExportFileError) throw new ApiError(`${path}: ${error.message}`, { cause: error });
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UsageError(`'${path}' cannot be read (${(error as NodeJS.ErrnoException).code}).`, { cause: error });
  }
  if (end === undefined) throw new ApiError(`${path} has no end.`);
  return end;
}

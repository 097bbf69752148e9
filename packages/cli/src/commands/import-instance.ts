import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ApiClient } from '../api-client.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output, UsageError } from '../usage.ts';
import { checkFile } from './export-instance.ts';

/** Checks the file here, sends it, and says what it made. */
export async function importInstance(client: ApiClient, options: Options, output: Output): Promise<number> {
  const { plan, yes, environment, owner, expires } = options;
  if (plan || yes || (environment ?? owner ?? expires) !== undefined)
    throw new UsageError('--plan, --yes, --environment, --owner and --expires go with --from, the system that the file is of.');
  const path = required(options.operands[0], 'the file: yardarm import <file>');
  const end = await checkFile(path);
  const query = new URLSearchParams(options.reason === undefined ? {} : { reason: options.reason });
  const stream = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  const { counts, leftOut, bodies } = await client.importInstance(stream, query);
  if (options.json) output.out(JSON.stringify({ version: 1, counts, leftOut, bodies }));
  else {
    output.out(
      `Imported ${Object.entries(counts)
        .map(([type, count]) => `${count} ${type}`)
        .join(', ')}.`,
    );
    const missing = Object.entries(leftOut).map(([type, count]) => `${count} ${type}`);
    if (missing.length > 0) output.out(`Left out, for want of secrets in the export: ${missing.join(', ')}.`);
    output.out(`SHA-256 of all bodies: ${bodies}${bodies === end.bodies ? ', as in the export' : ''}`);
  }
  return EXIT.clean;
}

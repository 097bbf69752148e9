import { readFile } from 'node:fs/promises';
import { type AuditFinding, type Checkpoint, checkpoint, MAX_SHIPPED_CHECKPOINTS } from '@yardarm/contract';
import type { ApiClient } from '../api-client.ts';
import type { Options } from '../options.ts';
import { ApiError, EXIT, type Output, UsageError } from '../usage.ts';

/** Checkpoints of every chain, one JSON text per line: to be kept where the server's machine cannot reach them. */
export async function printCheckpoints(client: ApiClient, output: Output): Promise<number> {
  for (const one of await client.listCheckpoints()) output.out(JSON.stringify(one));
  return EXIT.clean;
}

/** Exit code 0: every chain fits and was held against the checkpoints. 1: one line per finding. */
export async function verifyAudit(client: ApiClient, options: Options, output: Output): Promise<number> {
  const shipped = options.checkpoints === undefined ? [] : await readShipped(options.checkpoints);
  const findings: AuditFinding[] = [];
  let ok: boolean | undefined;
  for await (const proof of client.verifyAudit(shipped)) {
    if (options.json && proof.type !== 'progress') output.out(JSON.stringify({ version: 1, ...proof }));
    if (proof.type === 'end') ok = proof.ok;
    if (proof.type === 'strays') findings.push(...proof.findings);
    if (proof.type !== 'chain') continue;
    if (proof.finding !== null) findings.push(proof.finding);
    if (options.json) continue;
    const name = proof.project === null ? proof.chain : `project ${proof.project}`;
    const adopted = proof.adopted === 0 ? '' : `, of which ${proof.adopted} are older than the chain`;
    output.out(
      `${proof.finding === null ? 'ok    ' : 'BROKEN'} ${name}: ${proof.links} links fit${adopted}; ${proof.head || 'empty'}`,
    );
  }
  if (ok === undefined) throw new ApiError('The verification was broken off and proves nothing; the log of the server says why.');
  if (!options.json) {
    for (const { cause, chain, message } of findings) output.error(`${cause}: ${message} Chain ${chain ?? 'unknown'}.`);
    if (ok) output.out(`Nothing was changed since it was recorded. Checkpoints from elsewhere: ${shipped.length}.`);
  }
  return ok ? EXIT.clean : EXIT.findings;
}

async function readShipped(path: string): Promise<Checkpoint[]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`'${path}' cannot be read (${cause.code}).`, { cause });
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new UsageError(`'${path}' holds no checkpoint.`);
  // A file may have grown for years; a link's hash is of everything before it, so that the newest say it all.
  return lines.map((line, index) => parseCheckpoint(line, `${path}, line ${index + 1}`)).slice(-MAX_SHIPPED_CHECKPOINTS);
}

function parseCheckpoint(line: string, place: string): Checkpoint {
  try {
    return checkpoint.parse(JSON.parse(line));
  } catch (cause) {
    throw new UsageError(`${place}: this is no checkpoint.`, { cause });
  }
}

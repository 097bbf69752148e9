// @ts-check
/** Runs host.mjs in every way in which applications run it, on one Node. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const HOST = fileURLToPath(new URL('host.mjs', import.meta.url));
/** A host that is kept alive, by a socket say, never ends. */
const MOST_MS = 20_000;

export const WAYS = /** @type {const} */ ({
  'main thread': { flags: [], how: '' },
  'worker thread': { flags: [], how: 'worker' },
  'frozen intrinsics': { flags: ['--frozen-intrinsics'], how: '' },
});

/**
 * What it printed: both answers, where it ran, and on which Node. Rejects where it failed, printed an error, or did not end.
 * @param {string} node path of the executable @param {keyof typeof WAYS} way @param {string} url
 */
export async function runHost(node, way, url) {
  const { flags, how } = WAYS[way];
  const { stdout, stderr } = await promisify(execFile)(node, [...flags, HOST, url, how], { timeout: MOST_MS });
  const errors = stderr.split('\n').filter((line) => line !== '' && !/ExperimentalWarning|--trace-warnings/.test(line));
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return stdout.trim();
}

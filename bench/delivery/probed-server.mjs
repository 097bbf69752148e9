// @ts-check
/** The built server as bench/crash starts it, with a probe inside. */
import { root } from '../../scripts/launch.mjs';
import { spawnServer } from '../crash/server.mjs';
import { askingOf } from './questions.mjs';

const PROBE = String(new URL('probe.mjs', import.meta.url));

/**
 * @typedef {import('../crash/server.mjs').ServerProcess & {
 *   probe: () => Promise<import('./probe.mjs').Probe>,
 *   glance: () => Promise<import('./probe.mjs').Probe>,
 *   cpuMs: () => Promise<number>,
 *   watchBuffers: () => Promise<void>,
 *   mostBuffered: () => Promise<number>,
 * }} ProbedServer `probe` collects garbage before it looks; `glance` does not
 */

/**
 * @param {string} dataDirectory
 * @param {Record<string, string>} [env] more settings
 * @returns {ProbedServer}
 */
export function spawnProbedServer(dataDirectory, env = {}) {
  const server = spawnServer(dataDirectory, env, root, ['--expose-gc', '--import', PROBE]);
  const ask = askingOf(server.child);
  return {
    ...server,
    probe: () => ask('probe'),
    glance: () => ask('glance'),
    cpuMs: () => ask('cpuMs'),
    watchBuffers: () => ask('watchBuffers'),
    mostBuffered: () => ask('mostBuffered'),
  };
}

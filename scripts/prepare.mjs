// @ts-check
/** What a command needs before it runs: the packages and, for most, the builds. Under one lock, so that others wait once. */
import { buildStale, findStale } from './build.mjs';
import { installIfStale, isInstallStale } from './install.mjs';
import { waitForOthers, withLock } from './lock.mjs';

/**
 * @param {import('./commands.mjs').Workspace} workspace
 * @param {{ builds: boolean }} options
 */
export async function prepare(workspace, { builds }) {
  const { root } = workspace;
  await waitForOthers(workspace);
  const isDue = (await isInstallStale(root)) || (builds && (await findStale(root)).length > 0);
  if (!isDue) return;
  await withLock(workspace, async () => {
    // Both look again: whoever had the lock before may have done it.
    await installIfStale(workspace);
    if (builds) await buildStale(workspace);
  });
}

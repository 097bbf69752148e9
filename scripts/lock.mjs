// @ts-check
/**
 * One command at a time installs or builds in a folder; one that starts meanwhile waits, and says for whom. The lock is a
 * file with the process id of its holder beside node_modules, which an install may replace.
 */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { step } from './steps.mjs';

const LOCK_FILE = '.yardarm.lock';
const POLL_MS = 100;

/**
 * Runs `action` alone. Throws Interrupted where a signal ends the wait.
 * @template T
 * @param {import('./commands.mjs').Workspace} workspace
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function withLock(workspace, action) {
  const file = path.join(workspace.root, LOCK_FILE);
  while (!(await take(file))) await waitForOthers(workspace);
  try {
    return await action();
  } finally {
    await rm(file, { force: true });
  }
}

/**
 * Resolves once nobody installs or builds: until then what an install has made so far may look complete.
 * @param {import('./commands.mjs').Workspace} workspace
 */
export async function waitForOthers({ root, family }) {
  const file = path.join(root, LOCK_FILE);
  const holder = await livingHolder(file);
  if (holder === null) return;
  await step(`Waiting for process ${holder}, which installs or builds here (see ${LOCK_FILE})`, async () => {
    while ((await livingHolder(file)) !== null) {
      family.throwIfInterrupted();
      await sleep(POLL_MS);
    }
  });
}

/**
 * @param {string} file
 * @returns {Promise<boolean>} false where another process holds it, or may from now on
 */
async function take(file) {
  // The link shows the id with the name: a lock is never seen empty.
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, String(process.pid));
    await link(draft, file);
    return true;
  } catch (error) {
    // A folder that takes no lock (read-only, no links) works as if there were none.
    if (codeOf(error) !== 'EEXIST') return true;
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
  if ((await livingHolder(file)) === null) await putAside(file, draft);
  return false;
}

/**
 * Removes a lock whose holder has ended. Between the look and the rename another process may have done so and taken it
 * anew; then it is put back.
 * @param {string} file
 * @param {string} aside
 */
async function putAside(file, aside) {
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await livingHolder(aside)) === null) await rm(aside, { force: true });
  else await rename(aside, file);
}

/**
 * @param {string} file
 * @returns {Promise<number | null>} null where there is no lock, or one that nobody holds any more
 */
async function livingHolder(file) {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  const holder = Number.parseInt(text, 10);
  // Its own id in a file that it does not hold is that of an earlier process: containers give the same ones again.
  if (!(holder > 0) || holder === process.pid) return null;
  try {
    process.kill(holder, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if (codeOf(error) === 'ESRCH') return null;
  }
  return holder;
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code;
}

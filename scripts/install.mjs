// @ts-check
/** Installs the workspace's packages with the pinned pnpm, where they are missing or older than what asks for them. */
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { StepFailed, step } from './steps.mjs';

/** @param {import('./commands.mjs').Workspace} workspace */
export async function installIfStale({ root, family, env }) {
  if (!(await isInstallStale(root))) return;

  const { packageManager } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const pnpm = packageManager.replace(/\+.*$/, '');
  await step(`Installing packages (${pnpm}; the first time takes a while)`, async () => {
    // Without a terminal pnpm would refuse to replace a node_modules that another layout or version left.
    const args = ['-y', pnpm, 'install', '--frozen-lockfile', '--config.confirm-modules-purge=false'];
    const { code, output } = await family.run('npx', args, { cwd: root, env, stdio: 'pipe' });
    if (code !== 0) family.throwIfInterrupted();
    if (code !== 0) throw new StepFailed(`${output}\npnpm install failed (exit code ${code}); its output is above.`, code);
  });
  // An install with nothing to do leaves the marker's time alone, and every later start would install again.
  await utimes(markerOf(root), new Date(), new Date());
}

/** @param {string} root */
export async function isInstallStale(root) {
  return isStale(markerOf(root), await installInputs(root));
}

/** @param {string} root */
function markerOf(root) {
  return path.join(root, 'node_modules', '.modules.yaml');
}

/**
 * @param {string} marker file written by the last install
 * @param {string[]} inputs
 */
export async function isStale(marker, inputs) {
  if (!existsSync(marker)) return true;
  const installedAt = (await stat(marker)).mtimeMs;
  const changedAt = await Promise.all(inputs.map(async (input) => (await stat(input)).mtimeMs));
  return changedAt.some((time) => time > installedAt);
}

/** @param {string} root */
async function installInputs(root) {
  const members = await Promise.all(
    ['apps', 'packages', 'examples'].map(async (folder) =>
      (await readdir(path.join(root, folder))).map((name) => path.join(folder, name, 'package.json')),
    ),
  );
  return ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...members.flat()]
    .map((file) => path.join(root, file))
    .filter((file) => existsSync(file));
}

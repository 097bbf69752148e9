// @ts-check
/** Runs every test once with vitest. A suite is left out only on request, loudly, and never in CI. */
import path from 'node:path';
import { StepFailed } from './steps.mjs';

/** @param {Record<string, string | undefined>} env */
export function refuseSkipInCi(env) {
  if (env.SKIP_BROWSER === '1' && env.CI === 'true')
    throw new StepFailed('SKIP_BROWSER=1 is refused when CI=true: the browser tests are part of every CI run.');
}

/**
 * @param {import('./commands.mjs').Workspace} workspace
 * @param {string[]} args passed on to vitest
 * @returns {Promise<number>} exit code
 */
export async function test({ root, family, env }, args) {
  const withoutBrowser = env.SKIP_BROWSER === '1';
  const projects = withoutBrowser ? ['--project', 'unit', '--project', 'db'] : [];
  if (withoutBrowser) announceSkip();
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const options = { cwd: root, env, stdio: /** @type {const} */ ('inherit') };
  const { code } = await family.run(process.execPath, [vitest, 'run', ...projects, ...args], options);
  if (withoutBrowser) announceSkip();
  return code;
}

function announceSkip() {
  console.log('\n  SKIPPED: the end-to-end tests in a real browser (e2e/), because SKIP_BROWSER=1.\n');
}

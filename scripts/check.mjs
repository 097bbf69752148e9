// @ts-check
/** Everything about the code that a machine can say without running it. All checks run; the failures come last. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { StepFailed, step } from './steps.mjs';

const TSC = 'node_modules/typescript/bin/tsc';

/**
 * @param {import('./commands.mjs').Workspace} workspace
 * @returns {Promise<number>} exit code
 */
export async function check({ root, family, env }) {
  const own = (await readdir(path.join(root, 'scripts'))).filter((name) => /^check-.*\.mjs$/.test(name)).sort();
  /** @type {[title: string, program: string, ...args: string[]][]} */
  const checks = [
    ['Types of packages, server and shop', TSC, '-b'],
    ['Types of tests and scripts', TSC, '-p', 'tsconfig.tests.json'],
    ['Types of the admin UI', TSC, '-p', 'apps/admin-ui', '--noEmit'],
    ["Types of the shop's page", TSC, '-p', 'examples/shop/src/page', '--noEmit'],
    ['Types of the React example', TSC, '-p', 'examples/react', '--noEmit'],
    ['Lint and format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
    ['Unused files, exports and dependencies', 'node_modules/knip/bin/knip.js'],
    ...own.map((name) => /** @type {[string, string]} */ ([nameOf(name), path.join('scripts', name)])),
  ];

  /** @type {string[]} */
  const failures = [];
  for (const [title, program, ...args] of checks) {
    await step(title, async () => {
      if (!existsSync(path.join(root, program))) throw new StepFailed(`${program} is missing.`);
      const options = { cwd: root, env, stdio: /** @type {const} */ ('pipe') };
      const { code, output } = await family.run(process.execPath, [path.join(root, program), ...args], options);
      family.throwIfInterrupted();
      if (code !== 0) throw new StepFailed(output.trim());
    }).catch((error) => {
      if (!(error instanceof StepFailed) || family.exitCodeOfSignal() !== null) throw error;
      failures.push(`── ${title}\n\n${error.message}`);
    });
  }
  if (failures.length > 0) console.error(`\n${failures.join('\n\n')}\n`);
  console.log(
    failures.length === 0 ? `\n${checks.length} checks, all clean` : `\n${failures.length} of ${checks.length} checks failed`,
  );
  return failures.length === 0 ? 0 : 1;
}

/** @param {string} file for example `check-imports.mjs` */
function nameOf(file) {
  const subject = file.replace(/^check-|\.mjs$/g, '').replaceAll('-', ' ');
  return `${subject[0]?.toUpperCase()}${subject.slice(1)}`;
}

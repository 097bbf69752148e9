// @ts-check
/**
 * Builds what is stale. A target is stale when a result is missing or when the hash of its sources differs from the one
 * noted after its last build. All at once: the pages bundle the packages' sources, not their results.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fingerprint } from './fingerprint.mjs';
import { StepFailed, step } from './steps.mjs';

/**
 * @typedef {object} Target
 * @property {string} key name of its note
 * @property {string} title
 * @property {string[]} inputs
 * @property {(file: string) => boolean} [accepts]
 * @property {string[]} outputs
 * @property {string} program path of the tool's entry, run by this Node
 * @property {string[]} args
 * @property {string[]} [argsWhenIncomplete] a result is missing, which the compiler's own bookkeeping does not notice
 * @property {string} cwd
 */

/** @type {Target[]} */
const TARGETS = [
  {
    key: 'packages',
    title: 'server and SDKs',
    inputs: ['tsconfig.json', 'tsconfig.base.json', 'pnpm-lock.yaml', 'packages', 'apps/server', 'examples/shop'],
    accepts: (file) => /\.(ts|json|yaml)$/.test(file) && !file.startsWith('examples/shop/src/page/'),
    outputs: [
      ...['contract', 'evaluator', 'sync', 'sdk-node', 'sdk-browser'].map((name) => `packages/${name}/dist/index.js`),
      'packages/cli/dist/main.js',
      'apps/server/dist/main.js',
      'examples/shop/dist/main.js',
    ],
    program: 'node_modules/typescript/bin/tsc',
    args: ['-b'],
    argsWhenIncomplete: ['-b', '--force'],
    cwd: '.',
  },
  {
    key: 'admin-ui',
    title: 'admin UI',
    inputs: ['pnpm-lock.yaml', 'apps/admin-ui', 'packages/contract', 'packages/evaluator'],
    outputs: ['apps/admin-ui/dist/index.html'],
    program: 'apps/admin-ui/node_modules/vite/bin/vite.js',
    args: ['build', '--logLevel', 'warn'],
    cwd: 'apps/admin-ui',
  },
  {
    key: 'shop-page',
    title: "shop's page",
    inputs: [...['pnpm-lock.yaml', 'examples/shop'], ...['sdk-browser', 'sync', 'evaluator'].map((name) => `packages/${name}`)],
    outputs: ['examples/shop/dist/page/index.html'],
    program: 'examples/shop/node_modules/vite/bin/vite.js',
    args: ['build', '--logLevel', 'warn'],
    cwd: 'examples/shop',
  },
];

/** @param {string} root */
export async function findStale(root) {
  const found = await Promise.all(TARGETS.map(async (target) => ({ target, ...(await inspect(root, target)) })));
  return found.filter(({ reason }) => reason !== null);
}

/** @param {import('./commands.mjs').Workspace} workspace */
export async function buildStale(workspace) {
  const stale = await findStale(workspace.root);
  if (stale.length === 0) return;
  await step(`Building ${stale.map(({ target }) => target.title).join(', ')}`, async () => {
    const outcomes = await Promise.allSettled(
      stale.map(({ target, hash, reason }) => build(workspace, target, hash, reason === 'missing')),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  });
}

/**
 * @param {string} root
 * @param {Target} target
 * @returns {Promise<{ hash: string, reason: 'missing' | 'changed' | null }>}
 */
async function inspect(root, target) {
  const hash = await fingerprint(root, target.inputs, target.accepts);
  if (target.outputs.some((output) => !existsSync(path.join(root, output)))) return { hash, reason: 'missing' };
  const note = noteOf(root, target);
  const built = existsSync(note) ? await readFile(note, 'utf8') : '';
  return { hash, reason: built === hash ? null : 'changed' };
}

/**
 * @param {import('./commands.mjs').Workspace} workspace
 * @param {Target} target
 * @param {string} hash of the sources, taken before the build: an edit during it makes the target stale again
 * @param {boolean} incomplete a result is missing
 */
async function build({ root, family, env }, target, hash, incomplete) {
  const note = noteOf(root, target);
  await rm(note, { force: true });
  const args = incomplete ? (target.argsWhenIncomplete ?? target.args) : target.args;
  const { code, output } = await family.run(process.execPath, [path.join(root, target.program), ...args], {
    cwd: path.join(root, target.cwd),
    env,
    stdio: 'pipe',
  });
  if (code !== 0) family.throwIfInterrupted();
  if (code !== 0) throw new StepFailed(`${output}\nThe build of the ${target.title} failed; the tool's output is above.`, code);
  await mkdir(path.dirname(note), { recursive: true });
  await writeFile(note, hash);
}

/**
 * @param {string} root
 * @param {Target} target
 */
function noteOf(root, target) {
  return path.join(root, 'node_modules', '.cache', 'yardarm', `${target.key}.built`);
}

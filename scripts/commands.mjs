// @ts-check
/** The commands of run.mjs: which steps each takes, in which order, and the exit code it ends with. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from './check.mjs';
import { createFamily } from './family.mjs';
import { prepare } from './prepare.mjs';
import { start } from './start.mjs';
import { StepFailed } from './steps.mjs';
import { refuseSkipInCi, test } from './test.mjs';

const USAGE = `Usage: node scripts/run.mjs <command>

  start            the server with an embedded database, the demo project and the demo shop
  test [args]      every test (args go to vitest)
  check            types, lint, unused exports, import rules, documentation
  build            what is stale
  exec <command>   a command with the workspace's programs on its PATH
  measure <command>
                   the same, once what is stale is built: for all that runs the built server`;

/**
 * @typedef {object} Workspace
 * @property {string} root absolute path of the repository
 * @property {import('./family.mjs').Family} family every process started on behalf of this command
 * @property {Record<string, string | undefined>} env environment of child processes, without npm's own settings
 */

/** @type {Record<string, (workspace: Workspace, args: string[]) => Promise<number>>} */
const COMMANDS = {
  start: async (workspace) => {
    await prepare(workspace, { builds: true });
    return start(workspace);
  },
  test: async (workspace, args) => {
    refuseSkipInCi(workspace.env);
    await prepare(workspace, { builds: true });
    return test(workspace, args);
  },
  check: async (workspace) => {
    await prepare(workspace, { builds: false });
    return check(workspace);
  },
  build: async (workspace) => {
    await prepare(workspace, { builds: true });
    return 0;
  },
  exec: async (workspace, words) => {
    await prepare(workspace, { builds: false });
    return execute(workspace, words);
  },
  measure: async (workspace, words) => {
    await prepare(workspace, { builds: true });
    return execute(workspace, words);
  },
};

/**
 * @param {Workspace} workspace
 * @param {string[]} words command and its arguments
 */
async function execute({ family, env, root }, [command, ...args]) {
  if (command === undefined) throw new StepFailed('A command is missing: node scripts/run.mjs exec <command> [arguments]');
  const { code } = await family.run(command, args, { cwd: root, env, stdio: 'inherit' });
  return code;
}

/**
 * Runs one command and ends the process with its exit code: 2 for a wrong call, 128 + n after signal n.
 * @param {string[]} argv command and its arguments
 */
export async function runCommand([name = '', ...args]) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    console.error(USAGE);
    process.exit(2);
  }
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const workspace = { root, family: createFamily(), env: childEnvironment(process.env, root) };
  try {
    process.exitCode = await command(workspace, args);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.exitCode = workspace.family.exitCodeOfSignal() ?? error.code;
    if (workspace.family.exitCodeOfSignal() === null) console.error(`\n${error.message}`);
    else console.log('  Stopped.');
  } finally {
    await workspace.family.release();
  }
}

/**
 * npm passes its whole configuration down as npm_* variables; pnpm would read them as its own. Those that say how to
 * reach a registry stay, because a company mirror may be known from nowhere else.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} root
 */
function childEnvironment(env, root) {
  const reach = /^npm_config_(registry|.*proxy|ca|cafile|strict_ssl|userconfig)$/i;
  const kept = Object.entries(env).filter(([name]) => !/^npm_/.test(name) || reach.test(name));
  const programs = path.join(root, 'node_modules', '.bin');
  return { ...Object.fromEntries(kept), PATH: [programs, env.PATH].filter(Boolean).join(path.delimiter) };
}

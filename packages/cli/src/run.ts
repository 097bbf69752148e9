import { z } from 'zod';
import { createApiClient } from './api-client.ts';
import { COMMANDS, helpOf, SHELLS } from './command-table.ts';
import { printCheckpoints, verifyAudit } from './commands/audit.ts';
import { check } from './commands/check.ts';
import { deployed } from './commands/deployed.ts';
import { diffEnvironments } from './commands/diff-environments.ts';
import { doctor } from './commands/doctor.ts';
import { exportCheckSnapshot } from './commands/export-check-snapshot.ts';
import { exportInstance, verifyExport } from './commands/export-instance.ts';
import { generate } from './commands/generate.ts';
import { importFlags } from './commands/import-flags.ts';
import { importInstance } from './commands/import-instance.ts';
import { killFlags, killsSeveral } from './commands/kill-flags.ts';
import { listChanges } from './commands/list-changes.ts';
import { listFlags } from './commands/list-flags.ts';
import { login } from './commands/login.ts';
import { promote } from './commands/promote.ts';
import { remove } from './commands/remove.ts';
import { scan } from './commands/scan.ts';
import { switchFlag } from './commands/switch-flag.ts';
import { completionOf } from './completion.ts';
import { readLogin, readLoginUrl } from './login-file.ts';
import { type Options, parseOptions, required } from './options.ts';
import { ApiError, EXIT, type Output, UsageError } from './usage.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** All of the standard input. */
  readonly readInput: () => Promise<string>;
  readonly output: Output;
}

/** Runs one command line; answers the exit code and throws nothing that a user can cause. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { env, output } = surroundings;
  try {
    const given = parseOptions(argv, env);
    if (given.help || given.command === '') {
      output.out(helpOf(given.command));
      return given.help ? EXIT.clean : EXIT.usage;
    }
    if (!COMMANDS.some(({ name }) => name === given.command))
      throw new UsageError(`There is no command '${given.command}'; see yardarm --help.`);
    // Only where it is asked for: a file with wrong rights is no reason to refuse what needs no token.
    return await runCommand(await withLogin(given, argv, env), surroundings);
  } catch (error) {
    if (error instanceof z.ZodError) {
      output.error('yardarm: The answer of the server is not one that this version reads; yardarm doctor compares the versions.');
      return EXIT.api;
    }
    if (!(error instanceof UsageError || error instanceof ApiError)) throw error;
    const code = error instanceof ApiError && error.code !== null ? ` (${error.code})` : '';
    output.error(`yardarm: ${error.message}${code}`);
    return error instanceof UsageError ? EXIT.usage : EXIT.api;
  }
}

async function withLogin(given: Options, argv: readonly string[], env: Surroundings['env']): Promise<Options> {
  if (given.command === 'completion') return given;
  // Of the file then only the address is of use: the token may be revoked, and others may read it. A login replaces it.
  const hasToken = given.token !== undefined || given.command === 'login';
  return parseOptions(argv, env, hasToken ? await readLoginUrl(env) : await readLogin(env));
}

async function runCommand(options: Options, { env, nowMs, readInput, output }: Surroundings): Promise<number> {
  const client = () => createApiClient(options.url, required(options.token, '--token, YARDARM_TOKEN or yardarm login'));
  const [first, second] = options.operands;
  switch (options.command) {
    case 'flags':
      return listFlags(client(), options, output);
    case 'kill':
      if (killsSeveral(options)) return killFlags(client(), options, output);
      return switchFlag(client(), 'kill', options, output);
    case 'unkill':
      return switchFlag(client(), options.command, options, output);
    case 'changes':
      return listChanges(client(), options, output);
    case 'diff':
      return diffEnvironments(client(), options, output);
    case 'promote':
      return promote(client(), options, output);
    case 'scan':
      return scan(client, options, env, output);
    case 'check':
      return check(client, options, new Date(nowMs()).toISOString().slice(0, 10), output);
    case 'remove':
      return remove(client, options, output);
    case 'deployed':
      return deployed(client(), options, output);
    case 'generate':
      return generate(client, options, output);
    case 'export':
      if (first === 'verify') return verifyExport(required(second, 'the file: yardarm export verify <file>'), options, output);
      return options.check ? exportCheckSnapshot(client(), options, output) : exportInstance(client(), options, output);
    case 'import':
      return options.from === undefined
        ? importInstance(client(), options, output)
        : importFlags(client(), options, nowMs(), output);
    case 'audit':
      if (first === 'checkpoints') return printCheckpoints(client(), output);
      if (first === 'verify') return verifyAudit(client(), options, output);
      throw new UsageError('Write yardarm audit verify, or yardarm audit checkpoints.');
    case 'login':
      return login(options, env, readInput, output);
    case 'doctor':
      return doctor(options, nowMs, output);
    default: {
      const shell = SHELLS.find((one) => one === first);
      if (shell === undefined) throw new UsageError(`Write yardarm completion ${SHELLS.join(', or ')}.`);
      output.out(completionOf(shell));
      return EXIT.clean;
    }
  }
}

import { createApiClient } from './api-client.ts';
import { printCheckpoints, verifyAudit } from './commands/audit.ts';
import { check } from './commands/check.ts';
import { diffEnvironments } from './commands/diff-environments.ts';
import { exportInstance, verifyExport } from './commands/export-instance.ts';
import { generate } from './commands/generate.ts';
import { importInstance } from './commands/import-instance.ts';
import { killFlags, killsSeveral } from './commands/kill-flags.ts';
import { listFlags } from './commands/list-flags.ts';
import { promote } from './commands/promote.ts';
import { switchFlag } from './commands/switch-flag.ts';
import { type Options, parseOptions, required } from './options.ts';
import { ApiError, EXIT, type Output, USAGE, UsageError } from './usage.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Today as a calendar day, `2027-01-31`. */
  readonly today: string;
  readonly output: Output;
}

/** Runs one command line; answers the exit code and throws nothing that a user can cause. */
export async function run(argv: readonly string[], { env, today, output }: Surroundings): Promise<number> {
  try {
    const options = parseOptions(argv, env);
    if (options.help || options.command === '') {
      output.out(USAGE);
      return options.help ? EXIT.clean : EXIT.usage;
    }
    return await runCommand(options, today, output);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ApiError)) throw error;
    output.error(`yardarm: ${error.message}`);
    return error instanceof UsageError ? EXIT.usage : EXIT.api;
  }
}

function runCommand(options: Options, today: string, output: Output): Promise<number> {
  const client = () => createApiClient(options.url, required(options.token, '--token or YARDARM_TOKEN'));
  switch (options.command) {
    case 'flags':
      return listFlags(client(), options, output);
    case 'kill':
      if (killsSeveral(options)) return killFlags(client(), options, output);
      return switchFlag(client(), 'kill', options, output);
    case 'unkill':
      return switchFlag(client(), options.command, options, output);
    case 'diff':
      return diffEnvironments(client(), options, output);
    case 'promote':
      return promote(client(), options, output);
    case 'check':
      return check(client(), options, today, output);
    case 'generate':
      return generate(client, options, output);
    case 'export':
      if (options.operands[0] !== 'verify') return exportInstance(client(), options, output);
      return verifyExport(required(options.operands[1], 'the file: yardarm export verify <file>'), options, output);
    case 'import':
      return importInstance(client(), options, output);
    case 'audit':
      if (options.operands[0] === 'checkpoints') return printCheckpoints(client(), output);
      if (options.operands[0] === 'verify') return verifyAudit(client(), options, output);
      throw new UsageError('Write yardarm audit verify, or yardarm audit checkpoints.');
    default:
      throw new UsageError(`There is no command '${options.command}'; see yardarm --help.`);
  }
}

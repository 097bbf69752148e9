import { parseArgs } from 'node:util';
import { COMMANDS, FORMATS, type Format, OPTIONS, type OptionName } from './command-table.ts';
import { UsageError } from './usage.ts';

export interface Options {
  readonly command: string;
  readonly operands: readonly string[];
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | undefined;
  readonly project: string | undefined;
  readonly environment: string | undefined;
  readonly reason: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Keys, split at commas; undefined without the option. */
  readonly segments: readonly string[] | undefined;
  readonly dryRun: boolean;
  /** Say what an import would write, and write nothing. */
  readonly plan: boolean;
  /** Write what an import plans. */
  readonly yes: boolean;
  /** A day. */
  readonly expires: string | undefined;
  readonly tag: string | undefined;
  readonly owner: string | undefined;
  readonly source: string;
  /** Flags to look for; undefined without the option. */
  readonly keys: readonly string[] | undefined;
  /** A file of `yardarm export --check` to read instead of asking the server. */
  readonly snapshot: string | undefined;
  readonly upload: boolean;
  readonly repository: string | undefined;
  readonly branch: string | undefined;
  readonly defaultBranch: string | undefined;
  readonly commit: string | undefined;
  readonly lineUrl: string | undefined;
  /** Undefined: as the project is set. */
  readonly warnDays: number | undefined;
  readonly strict: boolean;
  readonly format: Format;
  readonly summary: boolean;
  readonly base: string | undefined;
  readonly keep: string | undefined;
  /** JSON text. */
  readonly value: string | undefined;
  readonly app: string | undefined;
  readonly appVersion: string | undefined;
  readonly gone: boolean;
  readonly limit: number;
  /** Where an export, a report or the generated module is written. */
  readonly out: string | undefined;
  /** Where the manifest of the OpenFeature CLI is written. */
  readonly manifest: string | undefined;
  /** An export to read instead of asking the server. */
  readonly file: string | undefined;
  /** Compare generated files, and write none; export the snapshot of `yardarm check`. */
  readonly check: boolean;
  readonly withSecrets: boolean;
  readonly withHistory: boolean;
  /** File of checkpoints that were kept elsewhere. */
  readonly checkpoints: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

/** What the last `yardarm login` kept. */
export interface Login {
  readonly url: string;
  readonly token: string;
}
/** As much of it as a command may use. */
type KnownLogin = Pick<Login, 'url'> & Partial<Login>;

const DEFAULT_URL = 'http://127.0.0.1:4400';
const DEFAULT_LIMIT = 20;

/**
 * Reads the command line, then the YARDARM_* environment, then what a login kept: a token is only ever sent to the address
 * that it was kept for. Throws a UsageError on anything unknown or malformed.
 */
export function parseOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  login: KnownLogin | null = null,
): Options {
  const { values, positionals } = parse(argv);
  const [command = '', ...operands] = positionals;
  refuseForeignOptions(command, Object.keys(values));
  refuseForeignOperands(command, operands);
  // A variable of CI that was not filled in is there, and empty.
  const url = (values.url ?? (env.YARDARM_URL || login?.url) ?? DEFAULT_URL).replace(/\/+$/, '');
  if (!URL.canParse(url)) throw new UsageError(`--url takes an address such as http://127.0.0.1:4400, not '${url}'.`);
  const format = FORMATS.find((one) => one === (values.format ?? (values.json ? 'json' : 'text')));
  if (format === undefined) throw new UsageError(`--format takes one of ${FORMATS.join(', ')}, not '${values.format}'.`);
  return {
    command,
    operands,
    url,
    token: values.token ?? (env.YARDARM_TOKEN || undefined) ?? (login?.url === url ? login.token : undefined),
    project: values.project ?? (env.YARDARM_PROJECT || undefined),
    environment: values.environment,
    reason: values.reason,
    from: values.from,
    to: values.to,
    segments: list(values.segments),
    dryRun: values['dry-run'] ?? false,
    plan: values.plan ?? false,
    yes: values.yes ?? false,
    expires: values.expires,
    tag: values.tag,
    owner: values.owner,
    source: values.source ?? '.',
    keys: list(values.keys),
    snapshot: values.snapshot,
    upload: values.upload ?? false,
    repository: values.repository,
    branch: values.branch,
    defaultBranch: values['default-branch'],
    commit: values.commit,
    lineUrl: values['line-url'],
    warnDays: wholeNumber('warn-days', values['warn-days']),
    strict: values.strict ?? false,
    format,
    summary: values.summary ?? false,
    base: values.base,
    keep: values.keep,
    value: values.value,
    app: values.app,
    appVersion: values['app-version'],
    gone: values.gone ?? false,
    limit: wholeNumber('limit', values.limit) ?? DEFAULT_LIMIT,
    out: values.out,
    manifest: values.manifest,
    file: values.file,
    check: values.check ?? false,
    withSecrets: values['with-secrets'] ?? false,
    withHistory: values['with-history'] ?? false,
    checkpoints: values.checkpoints,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

type Parsed = { readonly [Name in OptionName]?: (typeof OPTIONS)[Name] extends { value: string } ? string : boolean };

function parse(argv: readonly string[]): { readonly values: Parsed; readonly positionals: readonly string[] } {
  const options = Object.fromEntries(
    Object.entries(OPTIONS).map(([name, option]) => [
      name,
      { type: 'value' in option ? ('string' as const) : ('boolean' as const) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options });
    // The table says of each option whether it has a value, and the parser keeps to it.
    return { values: values as Parsed, positionals };
  } catch (error) {
    // Its sentence goes on about arguments that begin with a dash, which are none here.
    const [, unknown] = /^Unknown option '(--?[^']*)'/.exec(error instanceof Error ? error.message : '') ?? [];
    const command = COMMANDS.find(({ name }) => name === argv[0])?.name;
    const help = command === undefined ? 'yardarm --help' : `yardarm ${command} --help`;
    if (unknown !== undefined) throw new UsageError(`There is no option '${unknown}'; see ${help}.`, { cause: error });
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** An option that a command does not know would be ignored, and somebody would believe that it was heard. */
function refuseForeignOptions(command: string, given: readonly string[]): void {
  const spec = COMMANDS.find(({ name }) => name === command);
  const foreign = spec && given.find((name) => !spec.options.some((option) => option === name));
  if (foreign !== undefined) throw new UsageError(`'yardarm ${command}' takes no --${foreign}; see yardarm ${command} --help.`);
}

/** Likewise: of `yardarm check src` somebody would believe that only `src` was looked at. */
function refuseForeignOperands(command: string, given: readonly string[]): void {
  const spec = COMMANDS.find(({ name }) => name === command);
  if (spec === undefined || spec.operands.includes('...')) return;
  const [form = ''] = spec.operands.split(' | ');
  const foreign = given[form.split(' ').filter((part) => part !== '').length];
  if (foreign !== undefined)
    throw new UsageError(`'yardarm ${command}' does not take '${foreign}'; see yardarm ${command} --help.`);
}

function list(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').filter((key) => key !== '');
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < 0)
    throw new UsageError(`--${option} takes a whole number, not '${text}'.`);
  return number;
}

/** The value of an option that a command cannot do without. */
export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new UsageError(`This command needs ${option}; see yardarm --help.`);
  return value;
}

/** Every command and every option, in one place: parsing, `--help` and the completion of shells are made of it. */
import { SOURCE_NAMES } from './import-from/sources.ts';

interface OptionSpec {
  /** What its value is called; without one it is a switch. */
  readonly value?: string;
  readonly help: string;
  /** The values that there are, for completion. */
  readonly choices?: readonly string[];
}

export const FORMATS = ['text', 'json', 'github', 'gitlab', 'sarif', 'junit'] as const;
export type Format = (typeof FORMATS)[number];
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const OPTIONS = {
  url: { value: 'URL', help: 'address of the server (YARDARM_URL, the last login, http://127.0.0.1:4400)' },
  token: { value: 'TOKEN', help: 'API token (YARDARM_TOKEN, the last login)' },
  project: { value: 'KEY', help: 'project (YARDARM_PROJECT)' },
  environment: { value: 'KEY', help: 'environment; import: one or more, KEY,KEY=THEIRS' },
  from: { value: 'KEY', help: `the environment to compare with, or to copy from; import: ${SOURCE_NAMES.join(', ')}` },
  to: { value: 'KEY', help: 'the other environment' },
  segments: { value: 'KEY,KEY', help: 'these segments, besides the flags named' },
  'dry-run': { help: 'show what would change, and change nothing' },
  reason: { value: 'TEXT', help: 'why; kept in the history' },
  tag: { value: 'TAG', help: 'every flag with this tag' },
  owner: { value: 'NAME', help: 'every flag of this owner; import: of flags that need one and have none (you)' },
  expires: { value: 'DAY', help: 'of flags that need an expiry, such as 2027-01-31 (as the project gives it)' },
  plan: { help: 'say what would be written, and write nothing' },
  yes: { help: 'write it' },
  source: { value: 'DIR', help: 'the source tree (.)' },
  keys: { value: 'KEY,KEY', help: 'look for these flags, without a server' },
  snapshot: { value: 'FILE', help: 'what `yardarm export --check` wrote, instead of a server' },
  upload: { help: 'send the references to the server, for this commit' },
  repository: { value: 'NAME', help: 'such as acme/shop (of CI, or of the remote)' },
  branch: { value: 'NAME', help: 'branch (of CI, or of git)' },
  'default-branch': { value: 'NAME', help: 'the branch that is deployed from (of CI, or of the remote)' },
  commit: { value: 'HASH', help: 'commit (of CI, or of git)' },
  'line-url': { value: 'TEMPLATE', help: 'link to a line, with {path}, {line} and {commit} (of GitHub and GitLab by itself)' },
  'warn-days': { value: 'N', help: 'warn about flags that expire within N days (as the project is set, or 14)' },
  strict: { help: 'warnings fail, too' },
  format: { value: 'FORMAT', help: FORMATS.join(', '), choices: FORMATS },
  summary: { help: 'write a summary in Markdown for a pull request' },
  base: { value: 'COMMIT', help: 'summary: what to compare with, a commit or a file that `yardarm scan --json` wrote' },
  keep: { value: 'VARIANT', help: 'the variant that stays' },
  value: { value: 'JSON', help: 'the value of the variant that stays, without a server' },
  app: { value: 'NAME', help: 'the application' },
  'app-version': { value: 'VERSION', help: 'what the application calls this build' },
  gone: { help: 'the application runs there no more' },
  limit: { value: 'N', help: 'so many at most (20)' },
  out: { value: 'FILE', help: 'where to write it' },
  manifest: { value: 'FILE', help: 'also write the manifest of the OpenFeature CLI' },
  file: { value: 'FILE', help: 'read the flags from an export, without a server' },
  check: { help: 'generate: write nothing, exit 1 when a file is out of date; export: write the snapshot for `yardarm check`' },
  'with-secrets': { help: 'with the hashes that passwords, tokens and SDK keys are checked by' },
  'with-history': { help: 'with the record of changes, to read' },
  checkpoints: { value: 'FILE', help: 'hold these checkpoints against the chains' },
  json: { help: 'machine-readable output' },
  help: { help: 'what a command does, and its options' },
} as const satisfies Record<string, OptionSpec>;

export type OptionName = keyof typeof OPTIONS;

export interface CommandSpec {
  readonly name: string;
  readonly operands: string;
  readonly summary: string;
  readonly options: readonly OptionName[];
  /** The first operands that there are, for completion. */
  readonly choices?: readonly string[];
}

const SERVER = ['url', 'token'] as const;
const PROJECT = [...SERVER, 'project'] as const;
const COMMON = ['json', 'help'] as const;

export const COMMANDS: readonly CommandSpec[] = [
  spec('flags', '', 'list the flags of a project, with their state per environment', [...PROJECT]),
  spec('kill', '<flag>...', 'switch flags off in an environment; idempotent, needs no version', [
    ...PROJECT,
    ...(['environment', 'tag', 'owner', 'reason'] as const),
  ]),
  spec('unkill', '<flag>', 'switch it on again', [...PROJECT, 'environment', 'reason']),
  spec('changes', '[<flag>]', 'list what was changed, newest first: who, when and why', [...PROJECT, 'environment', 'limit']),
  spec('diff', '', 'show what differs between two environments; exit 1 when something does', [...PROJECT, 'from', 'to']),
  spec('promote', '[<flag>...]', 'copy configurations from one environment to another, of all flags and segments unless told', [
    ...PROJECT,
    ...(['from', 'to', 'segments', 'dry-run', 'reason'] as const),
  ]),
  spec('scan', '', 'find where a source tree names flags', [
    ...PROJECT,
    ...(['source', 'snapshot', 'keys', 'upload', 'repository', 'branch', 'default-branch', 'commit', 'line-url', 'out'] as const),
  ]),
  spec('check', '', 'fail when the code names flags that are expired, archived or unknown', [
    ...PROJECT,
    ...(['source', 'snapshot', 'warn-days', 'strict', 'format', 'out', 'summary', 'base'] as const),
  ]),
  spec('remove', '<flag>', 'rewrite TypeScript and JavaScript as if the flag always had one variant', [
    ...PROJECT,
    ...(['source', 'keep', 'value', 'file', 'dry-run'] as const),
  ]),
  spec('deployed', '', 'say which commit of an application runs in an environment', [
    ...PROJECT,
    ...(['app', 'commit', 'environment', 'app-version', 'gone'] as const),
  ]),
  spec('generate', '', 'write a TypeScript module in which a mistyped flag does not compile', [
    ...PROJECT,
    ...(['out', 'manifest', 'file', 'check'] as const),
  ]),
  spec(
    'export',
    '[verify <file>]',
    'write the whole instance to a file, or check such a file without a server',
    [...PROJECT, 'out', 'check', 'with-secrets', 'with-history', 'reason'],
    ['verify'],
  ),
  spec('import', '<file>', 'read an export into an instance without projects, or with --from the flags of another system', [
    ...PROJECT,
    ...(['from', 'environment', 'owner', 'expires', 'plan', 'yes', 'reason'] as const),
  ]),
  spec(
    'audit',
    'verify | checkpoints',
    'recompute the hash chains of the record, or print where each stands',
    [...SERVER, 'checkpoints'],
    ['verify', 'checkpoints'],
  ),
  spec('login', '', 'keep a token for a server in a private file', [...SERVER]),
  spec('doctor', '', 'say whether server, token, project, clock and versions are as they should be', [...PROJECT]),
  spec('completion', 'bash | zsh | fish', 'print the completion of a shell', [], SHELLS),
];

/** The help of one command, or of all. */
export function helpOf(name: string | undefined): string {
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) return overview();
  const options = command.options.map((option): [string, string] => [flagOf(option), OPTIONS[option].help]);
  return [
    `yardarm ${command.name} ${command.operands}`.trim(),
    '',
    `  ${command.summary}`,
    '',
    'Options',
    ...columns(options),
    '',
    CODES,
  ].join('\n');
}

const CODES = 'Exit codes: 0 clean, 1 findings, 2 usage, 3 API or network.\n';

function overview(): string {
  const rows = COMMANDS.map(({ name, operands, summary }): [string, string] => [`${name} ${operands}`.trim(), summary]);
  return [
    'yardarm <command> [options]',
    '',
    ...columns(rows),
    '',
    'yardarm <command> --help says which options it takes.',
    CODES,
  ].join('\n');
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function flagOf(name: OptionName): string {
  const option: OptionSpec = OPTIONS[name];
  return option.value === undefined ? `--${name}` : `--${name} ${option.value}`;
}

function spec(
  name: string,
  operands: string,
  summary: string,
  options: readonly OptionName[],
  choices?: readonly string[],
): CommandSpec {
  return { name, operands, summary, options: [...options, ...COMMON], ...(choices && { choices }) };
}

import { parseArgs } from 'node:util';
import { UsageError } from './usage.ts';

export interface Options {
  readonly command: string;
  readonly operands: readonly string[];
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
  readonly tag: string | undefined;
  readonly owner: string | undefined;
  readonly source: string;
  readonly warnDays: number;
  /** Where an export, or the generated module, is written. */
  readonly out: string | undefined;
  /** Where the manifest of the OpenFeature CLI is written. */
  readonly manifest: string | undefined;
  /** An export to read instead of asking the server. */
  readonly file: string | undefined;
  /** Compare generated files, and write none. */
  readonly check: boolean;
  readonly withSecrets: boolean;
  readonly withHistory: boolean;
  /** File of checkpoints that were kept elsewhere. */
  readonly checkpoints: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

/** Reads the command line and the YARDARM_* environment; throws a UsageError on anything unknown or malformed. */
export function parseOptions(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Options {
  const { values, positionals } = parse(argv);
  const warnDays = Number(values['warn-days'] ?? '14');
  if (!Number.isInteger(warnDays) || warnDays < 0)
    throw new UsageError(`--warn-days takes a whole number of days, not '${values['warn-days']}'.`);
  const url = values.url ?? env.YARDARM_URL ?? 'http://127.0.0.1:4400';
  if (!URL.canParse(url)) throw new UsageError(`--url takes an address such as http://127.0.0.1:4400, not '${url}'.`);
  return {
    command: positionals[0] ?? '',
    operands: positionals.slice(1),
    url: url.replace(/\/+$/, ''),
    token: values.token ?? env.YARDARM_TOKEN,
    project: values.project ?? env.YARDARM_PROJECT,
    environment: values.environment,
    reason: values.reason,
    from: values.from,
    to: values.to,
    segments: values.segments?.split(',').filter((key) => key !== ''),
    dryRun: values['dry-run'] ?? false,
    tag: values.tag,
    owner: values.owner,
    source: values.source ?? '.',
    warnDays,
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

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        token: { type: 'string' },
        project: { type: 'string' },
        environment: { type: 'string' },
        reason: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        segments: { type: 'string' },
        'dry-run': { type: 'boolean' },
        tag: { type: 'string' },
        owner: { type: 'string' },
        source: { type: 'string' },
        'warn-days': { type: 'string' },
        out: { type: 'string' },
        manifest: { type: 'string' },
        file: { type: 'string' },
        check: { type: 'boolean' },
        'with-secrets': { type: 'boolean' },
        'with-history': { type: 'boolean' },
        checkpoints: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The value of an option that a command cannot do without. */
export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new UsageError(`This command needs ${option}; see yardarm --help.`);
  return value;
}

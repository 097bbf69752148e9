/**
 * The server's settings: environment variables, parsed once. Every problem is reported at once, one sentence each,
 * and none of them repeats a value that may be secret. docs/configuration.md describes each variable; a test
 * compares the two in both directions.
 */

import { resolve } from 'node:path';
import { environmentKey, projectKey } from '@yardarm/contract';
import { z } from 'zod';
import { defaultMemoryLimitBytes } from './delivery/memory-limit.ts';
import { DEFAULT_HANDSHAKES_PER_SECOND, type StreamLimits } from './delivery/stream-limits.ts';
import { type FlagdConfig, flagdProblems, flagdVariables, toFlagdConfig } from './flagd/flagd-config.ts';
import { nearestName } from './nearest-name.ts';
import { DEFAULT_OFREP_PER_SECOND } from './ofrep/ofrep-limits.ts';
import { type OidcConfig, oidcProblems, oidcVariables, toOidcConfig } from './oidc/oidc-config.ts';
import { StartError } from './start-error.ts';
import { parseProxies } from './trusted-proxies.ts';
import { type AllowedTargets, parseAllowedTargets } from './webhooks/public-address.ts';

export interface BootstrapKey {
  readonly project: string;
  readonly environment: string;
  readonly kind: 'server' | 'client';
  /** The secret itself. */
  readonly key: string;
}

export interface Config {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** Null: the embedded database. */
  readonly databaseUrl: string | null;
  /** Where to listen for changes; null: at the database's own address. */
  readonly listenUrl: string | null;
  /** Absolute. */
  readonly dataDirectory: string;
  /** Origin without a trailing slash; null: derived from the address that the server listens on. */
  readonly publicUrl: string | null;
  readonly demo: boolean;
  readonly bootstrapToken: string | null;
  readonly bootstrapKeys: readonly BootstrapKey[];
  /** Absolute. */
  readonly secretFile: string;
  /** What webhooks may reach although it is not public. */
  readonly webhookAllow: AllowedTargets;
  /** Folder of the nightly exports, absolute; null: none are taken. */
  readonly exportDirectory: string | null;
  /** Addresses and CIDR ranges of proxies whose X-Forwarded-For is believed; empty: nobody's. */
  readonly trustedProxies: readonly string[];
  readonly streamLimits: StreamLimits;
  /** Remote evaluations a second of one client key. */
  readonly ofrepPerSecond: number;
  /** Of this server among those of the database, the same after a restart; null: it has none. */
  readonly instanceName: string | null;
  /** Null: no gRPC sync for flagd. */
  readonly flagd: FlagdConfig | null;
  /** What `/metrics` asks for; null: there is no `/metrics`. */
  readonly metricsToken: string | null;
  /** Null: no single sign-on. */
  readonly oidc: OidcConfig | null;
}

/** Its message is all problems, one sentence per line. */
export class ConfigError extends StartError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const BYTES_PER_MB = 1_000_000;
const SDK_KEY_PATTERN = { server: /^ys_[\w-]{8,}$/, client: /^yc_[\w-]{8,}$/ };

/** Settings of this product's other programs, which share a shell or a machine with the server. */
const OTHER_PROGRAMS = ['YARDARM_URL', 'YARDARM_TOKEN', 'YARDARM_PROJECT', 'YARDARM_SERVER_KEY', 'YARDARM_CLIENT_KEY'];

const variables = z.object({
  PORT: z
    .string()
    .default('4400')
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, {
      error: 'PORT must be a whole number from 0 to 65535, for example PORT=4400; 0 takes any free port.',
    })
    .transform(Number),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'HOST must be an address or a host name to listen on, for example HOST=127.0.0.1 or HOST=0.0.0.0.')
    .default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, {
      error:
        'DATABASE_URL must be a PostgreSQL address such as postgres://user:password@host:5432/database; unset it to use the embedded database.',
    })
    .optional(),
  YARDARM_LISTEN_URL: z
    .string()
    .refine(isPostgresUrl, {
      error: 'YARDARM_LISTEN_URL must be a PostgreSQL address such as postgres://user:password@host:5432/database.',
    })
    .optional(),
  YARDARM_DATA_DIR: z.string().default('./.data'),
  YARDARM_PUBLIC_URL: z
    .string()
    .refine(isOrigin, {
      error: 'YARDARM_PUBLIC_URL must be an http or https address without a path, for example https://flags.example.com.',
    })
    .transform((text) => new URL(text).origin)
    .optional(),
  YARDARM_DEMO: z
    .enum(['0', '1'], { error: 'YARDARM_DEMO must be 1 (make the demo project in an empty database) or 0.' })
    .default('0'),
  YARDARM_BOOTSTRAP_TOKEN: z
    .string()
    .regex(
      /^[\x21-\x7e]{16,512}$/,
      'YARDARM_BOOTSTRAP_TOKEN must be 16 to 512 printable ASCII characters without spaces; `openssl rand -hex 32` makes a good one.',
    )
    .optional(),
  YARDARM_BOOTSTRAP_KEYS: z.string().default('').transform(parseBootstrapKeys),
  YARDARM_SECRET_FILE: z.string().optional(),
  YARDARM_WEBHOOK_ALLOW: z.string().default('').transform(parseWebhookAllow),
  YARDARM_NIGHTLY_EXPORT: z
    .enum(['0', '1'], { error: 'YARDARM_NIGHTLY_EXPORT must be 1 (an export each night) or 0.' })
    .default('1'),
  YARDARM_EXPORT_DIR: z.string().optional(),
  YARDARM_TRUSTED_PROXIES: z.string().default('').transform(parseProxies),
  YARDARM_HANDSHAKES_PER_SECOND: z
    .string()
    .default(String(DEFAULT_HANDSHAKES_PER_SECOND))
    .refine((text) => /^[1-9]\d{0,5}$/.test(text), {
      error: 'YARDARM_HANDSHAKES_PER_SECOND must be a whole number from 1 to 999999, for example 1000.',
    })
    .transform(Number),
  YARDARM_MEMORY_LIMIT_MB: z
    .string()
    .regex(/^[1-9]\d{2,6}$/, 'YARDARM_MEMORY_LIMIT_MB must be a whole number of megabytes, at least 100.')
    .optional(),
  YARDARM_OFREP_PER_SECOND: z
    .string()
    .default(String(DEFAULT_OFREP_PER_SECOND))
    .refine((text) => /^[1-9]\d{0,5}$/.test(text), {
      error: 'YARDARM_OFREP_PER_SECOND must be a whole number from 1 to 999999, for example 1000.',
    })
    .transform(Number),
  YARDARM_INSTANCE_NAME: z
    .string()
    .regex(
      /^[\w.-]{1,100}$/,
      'YARDARM_INSTANCE_NAME must be 1 to 100 letters, digits, dots, dashes and underscores, for example yardarm-0.',
    )
    .optional(),
  YARDARM_METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,512}$/, 'YARDARM_METRICS_TOKEN must be 16 to 512 printable ASCII characters without spaces.')
    .optional(),
  ...flagdVariables,
  ...oidcVariables,
});

/** What docs/configuration.md has to describe, and nothing else. */
export const VARIABLE_NAMES: readonly string[] = Object.keys(variables.shape);

/**
 * Reads the settings from an environment; an empty value counts as unset, as compose files produce it. Relative
 * paths are taken from the working directory. Throws a ConfigError.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = variables.safeParse(given);
  const problems = [
    ...unknownVariables(env),
    ...(parsed.error?.issues.map((issue) => issue.message) ?? []),
    ...(parsed.success ? flagdProblems(parsed.data) : []),
    ...(parsed.success ? oidcProblems(parsed.data, parsed.data.YARDARM_PUBLIC_URL) : []),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const values = parsed.data;
  const dataDirectory = resolve(values.YARDARM_DATA_DIR);
  return {
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL ?? null,
    listenUrl: values.YARDARM_LISTEN_URL ?? null,
    dataDirectory,
    publicUrl: values.YARDARM_PUBLIC_URL ?? null,
    demo: values.YARDARM_DEMO === '1',
    bootstrapToken: values.YARDARM_BOOTSTRAP_TOKEN ?? null,
    bootstrapKeys: values.YARDARM_BOOTSTRAP_KEYS,
    secretFile: resolve(values.YARDARM_SECRET_FILE ?? `${dataDirectory}/secret`),
    webhookAllow: values.YARDARM_WEBHOOK_ALLOW,
    exportDirectory:
      values.YARDARM_NIGHTLY_EXPORT === '0' ? null : resolve(values.YARDARM_EXPORT_DIR ?? `${dataDirectory}/exports`),
    trustedProxies: values.YARDARM_TRUSTED_PROXIES,
    streamLimits: {
      handshakesPerSecond: values.YARDARM_HANDSHAKES_PER_SECOND,
      memoryLimitBytes:
        values.YARDARM_MEMORY_LIMIT_MB === undefined
          ? defaultMemoryLimitBytes()
          : Number(values.YARDARM_MEMORY_LIMIT_MB) * BYTES_PER_MB,
    },
    ofrepPerSecond: values.YARDARM_OFREP_PER_SECOND,
    // Nobody else can have an embedded database open.
    instanceName: values.YARDARM_INSTANCE_NAME ?? (values.DATABASE_URL === undefined ? 'embedded' : null),
    flagd: toFlagdConfig(values),
    metricsToken: values.YARDARM_METRICS_TOKEN ?? null,
    oidc: toOidcConfig(values),
  };
}

function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('YARDARM_') && !VARIABLE_NAMES.includes(name) && !OTHER_PROGRAMS.includes(name))
    .map((name) => {
      const nearest = nearestName(name, VARIABLE_NAMES);
      const remedy = nearest === null ? 'Unset it; docs/configuration.md lists the settings.' : `Did you mean ${nearest}?`;
      return `${name} is not a setting of Yardarm. ${remedy}`;
    });
}

/** Entries are named by their place and never quoted: one that is malformed may begin with the secret. */
function parseBootstrapKeys(text: string, context: z.RefinementCtx<string>): BootstrapKey[] {
  const keys: BootstrapKey[] = [];
  const entries = text.trim() === '' ? [] : text.split(',').map((entry) => entry.trim());
  for (const [index, entry] of entries.entries()) {
    const parsed = parseBootstrapKey(entry, keys);
    if (typeof parsed !== 'string') keys.push(parsed);
    else context.addIssue({ code: 'custom', message: `YARDARM_BOOTSTRAP_KEYS, entry ${index + 1}: ${parsed}` });
  }
  return keys;
}

/** A string is what is wrong with the entry. */
function parseBootstrapKey(entry: string, earlier: readonly BootstrapKey[]): BootstrapKey | string {
  const [, project, environment, kind, key] = /^([^/=]+)\/([^/=]+)\/(server|client)=(.*)$/.exec(entry) ?? [];
  if (project === undefined || environment === undefined || key === undefined || (kind !== 'server' && kind !== 'client')) {
    return 'write project/environment/server=ys_… or project/environment/client=yc_…, with commas between entries.';
  }
  if (!projectKey.safeParse(project).success || !environmentKey.safeParse(environment).success) {
    return "the project and the environment are named by their keys: letters, digits, '_', '.' or '-', starting with a letter or digit.";
  }
  if (!SDK_KEY_PATTERN[kind].test(key)) {
    const prefix = kind === 'server' ? 'ys_' : 'yc_';
    return `a ${kind} key is ${prefix} and at least 8 letters, digits, '_' or '-'.`;
  }
  if (earlier.some((other) => other.key === key))
    return 'this key is given twice; make another, since a key names one environment.';
  return { project, environment, kind, key };
}

function parseWebhookAllow(text: string, context: z.RefinementCtx<string>): AllowedTargets {
  try {
    return parseAllowedTargets(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `YARDARM_WEBHOOK_ALLOW: ${(error as Error).message}` });
    return z.NEVER;
  }
}

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol);
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search, hash, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && pathname === '/' && `${search}${hash}${username}${password}` === '';
}

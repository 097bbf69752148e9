/** Settings of single sign-on with an OpenID provider: environment variables, merged into config.ts. */
import { isIP } from 'node:net';
import { environmentKey, projectKey, ROLES } from '@yardarm/contract';
import { z } from 'zod';

/** What membership in one of the provider's groups brings: a right, or a place in a team. */
export type GroupRight =
  | { readonly team: string }
  | {
      readonly role: (typeof ROLES)[number] | null;
      readonly actions: string[];
      readonly project: string | null;
      readonly environment: string | null;
    };

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** Null: a public client, protected by PKCE alone. */
  readonly clientSecret: string | null;
  /** Read at the start instead of `clientSecret`. */
  readonly clientSecretFile: string | null;
  readonly scopes: string;
  /** On the button: "Sign in with <name>". */
  readonly name: string;
  /** Whether somebody whom the provider knows and this instance does not gets an account. */
  readonly createUsers: boolean;
  readonly groupsClaim: string;
  /** By the provider's name of the group. */
  readonly groups: ReadonlyMap<string, readonly GroupRight[]>;
  /** The one algorithm that ID tokens may be signed with. */
  readonly algorithm: string;
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

const groupRight = z.union([
  z.strictObject({ team: z.string().min(1).max(128) }),
  z
    .strictObject({
      role: z.enum(ROLES).nullable().default(null),
      actions: z.array(z.string()).default([]),
      project: projectKey.nullable().default(null),
      environment: environmentKey.nullable().default(null),
    })
    .refine(({ role, actions }) => role !== null || actions.length > 0)
    .refine(({ project, environment }) => environment === null || project !== null),
]);
const groups = z.record(z.string(), z.union([groupRight.transform((right) => [right]), z.array(groupRight)]));

export const oidcVariables = {
  YARDARM_OIDC_ISSUER: z
    .string()
    .refine(isIssuer, {
      error:
        'YARDARM_OIDC_ISSUER must be the https address of an OpenID provider, for example https://id.example.com/realms/main; http only on this machine.',
    })
    .optional(),
  YARDARM_OIDC_CLIENT_ID: z.string().optional(),
  YARDARM_OIDC_CLIENT_SECRET: z.string().optional(),
  YARDARM_OIDC_CLIENT_SECRET_FILE: z.string().optional(),
  YARDARM_OIDC_SCOPES: z
    .string()
    .refine((text) => text.split(' ').includes('openid'), {
      error: "YARDARM_OIDC_SCOPES must contain 'openid', for example: openid profile email groups.",
    })
    .default('openid profile email'),
  YARDARM_OIDC_NAME: z.string().max(60).default('single sign-on'),
  YARDARM_OIDC_CREATE_USERS: z
    .enum(['0', '1'], { error: 'YARDARM_OIDC_CREATE_USERS must be 1 (everybody whom the provider knows may sign in) or 0.' })
    .default('0'),
  YARDARM_OIDC_GROUPS_CLAIM: z.string().default('groups'),
  YARDARM_OIDC_GROUPS: z.string().default('{}').transform(parseGroups),
  YARDARM_OIDC_ALG: z.enum(ALGORITHMS, { error: `YARDARM_OIDC_ALG must be one of ${ALGORITHMS.join(', ')}.` }).default('RS256'),
};

type Values = z.infer<z.ZodObject<typeof oidcVariables>>;

/** Null without an issuer. */
export function toOidcConfig(values: Values): OidcConfig | null {
  if (values.YARDARM_OIDC_ISSUER === undefined) return null;
  return {
    issuer: values.YARDARM_OIDC_ISSUER,
    clientId: values.YARDARM_OIDC_CLIENT_ID ?? '',
    clientSecret: values.YARDARM_OIDC_CLIENT_SECRET ?? null,
    clientSecretFile: values.YARDARM_OIDC_CLIENT_SECRET_FILE ?? null,
    scopes: values.YARDARM_OIDC_SCOPES,
    name: values.YARDARM_OIDC_NAME,
    createUsers: values.YARDARM_OIDC_CREATE_USERS === '1',
    groupsClaim: values.YARDARM_OIDC_GROUPS_CLAIM,
    groups: values.YARDARM_OIDC_GROUPS,
    algorithm: values.YARDARM_OIDC_ALG,
  };
}

/** What is missing or superfluous as a whole, a sentence each. */
export function oidcProblems(values: Values, publicUrl: string | undefined): string[] {
  const { YARDARM_OIDC_ISSUER: issuer, YARDARM_OIDC_CLIENT_ID: id } = values;
  const problems: string[] = [];
  if (issuer === undefined && id !== undefined) problems.push('YARDARM_OIDC_CLIENT_ID is set, so set YARDARM_OIDC_ISSUER too.');
  if (issuer === undefined) return problems;
  if (id === undefined) problems.push('YARDARM_OIDC_ISSUER is set, so set YARDARM_OIDC_CLIENT_ID too.');
  if (publicUrl === undefined)
    problems.push('YARDARM_OIDC_ISSUER is set, so set YARDARM_PUBLIC_URL too: the provider sends people back to it.');
  if (values.YARDARM_OIDC_CLIENT_SECRET !== undefined && values.YARDARM_OIDC_CLIENT_SECRET_FILE !== undefined)
    problems.push('YARDARM_OIDC_CLIENT_SECRET and YARDARM_OIDC_CLIENT_SECRET_FILE are both set; unset one of them.');
  return problems;
}

function parseGroups(text: string, context: z.RefinementCtx<string>): ReadonlyMap<string, readonly GroupRight[]> {
  try {
    const parsed = groups.safeParse(JSON.parse(text));
    if (parsed.success) return new Map(Object.entries(parsed.data));
  } catch {
    // Said below.
  }
  context.addIssue({
    code: 'custom',
    message:
      'YARDARM_OIDC_GROUPS must be JSON such as {"platform":{"role":"admin"},"web-team":[{"role":"editor","project":"web"},{"team":"web"}]}.',
  });
  return new Map();
}

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash } = new URL(text);
  if (`${search}${hash}` !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname));
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}

/** People, their rights and API tokens: what the management API takes and answers, and the commands that change them. */
import { z } from 'zod';
import { ACTOR_KINDS, ROLES, TOKEN_KINDS } from './entities.ts';
import { environmentKey, projectKey, reason, version } from './names.ts';

/** Code points, not UTF-16 units; no rule about kinds of characters, and no end that a passphrase would meet. */
export const PASSWORD_CHARS = { min: 12, max: 256 } as const;
const MAX_GRANTS = 50;
/** Before letters are composed, which may make eighteen of one: of 4 MiB it took a minute, and anybody may send them. */
const typed = z.string().max(1_024, { abort: true });

/** What people sign in with and the history shows; compared without regard to case. */
export const userName = typed
  .normalize('NFKC')
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, 'A name has no control characters.');
/** As typed when it is compared; composed and decomposed letters are the same. */
export const passwordText = typed.min(1).normalize('NFKC');
export const newPassword = typed
  .normalize('NFKC')
  .refine((text) => [...text].length >= PASSWORD_CHARS.min, `A password has at least ${PASSWORD_CHARS.min} characters.`)
  .refine((text) => [...text].length <= PASSWORD_CHARS.max, `A password has at most ${PASSWORD_CHARS.max} characters.`);

/** A role, or single actions, in a part of the instance. Project null: the instance and every project; environment null: every one. */
const rightFields = {
  role: z.enum(ROLES).nullable(),
  actions: z.array(z.string()),
  project: projectKey.nullable(),
  environment: environmentKey.nullable(),
};
export const right = z.object(rightFields);
export type Right = z.infer<typeof right>;

export const grant = z
  .object({
    id: z.uuid(),
    /** Of a user or token its name, of a team its key. */
    holder: z.object({ kind: z.enum(['user', 'team', 'token']), id: z.uuid(), name: z.string() }),
    ...rightFields,
    /** The OpenID provider whose groups brought it; null: given by somebody. */
    issuer: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Grant' });
export type Grant = z.infer<typeof grant>;

const actions = z.array(z.string().min(1).max(64)).max(50);
const what = { role: z.enum(ROLES).nullable().default(null), actions: actions.default([]) };
const SOMETHING = 'Name a role, or at least one action.';
const isSomething = (value: { role: unknown; actions: readonly string[] }) => value.role !== null || value.actions.length > 0;

const rightInput = z
  .strictObject({ ...what, project: projectKey.nullable().default(null), environment: environmentKey.nullable().default(null) })
  .refine(isSomething, SOMETHING)
  .refine((value) => value.environment === null || value.project !== null, 'An environment needs its project.');
export type RightInput = z.input<typeof rightInput>;
const rights = z.array(rightInput).max(MAX_GRANTS);

/** Where: of the path. To whom: exactly one of user and token by id or user by name, or team by key. */
export const createGrantInput = z
  .strictObject({
    user: userName.optional(),
    team: z.string().min(1).max(128).optional(),
    token: z.uuid().optional(),
    ...what,
    reason,
  })
  .refine(isSomething, SOMETHING)
  .refine(
    ({ user, team, token }) => [user, team, token].filter((holder) => holder !== undefined).length === 1,
    'Name exactly one holder: user, team or token.',
  );

/** A person. `secret` is answered once, with an invite or a reset: the one-time token of a link, `/invite#…` or `/reset#…`. */
export const user = z
  .object({
    id: z.uuid(),
    name: z.string(),
    email: z.string().nullable(),
    hasPassword: z.boolean(),
    /** Of OpenID providers. */
    identities: z.int(),
    disabledAt: z.iso.datetime().nullable(),
    lastSeenAt: z.iso.datetime().nullable(),
    version,
    createdAt: z.iso.datetime(),
    grants: z.array(right),
    secret: z.string().optional(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof user>;

export const email = z.email().max(254);
export const inviteUserInput = z.strictObject({
  name: userName,
  email: email.nullable().default(null),
  grants: rights.default([]),
  reason,
});
export const updateUserInput = z.strictObject({ name: userName.optional(), email: email.nullable().optional(), reason });
export const reasonOnly = z.strictObject({ reason });

/** `secret` is answered once, when the token is made. */
export const apiToken = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: z.enum(TOKEN_KINDS),
    /** Of a personal token, whose it is. */
    owner: z.string().nullable(),
    prefix: z.string(),
    /** Of a personal token, the most that it may do; its owner's rights are the other limit. */
    grants: z.array(right),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    secret: z.string().optional(),
  })
  .meta({ id: 'ApiToken' });
export type ApiToken = z.infer<typeof apiToken>;

/** Without `grants` a personal token may do what its owner may, and a break-glass token kill everywhere. */
export const createTokenInput = z.strictObject({
  name: z.string().trim().min(1).max(200),
  kind: z.enum(TOKEN_KINDS).default('machine'),
  grants: rights.optional(),
  expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
  reason,
});

export const session = z.object({
  actor: z.object({ kind: z.enum(ACTOR_KINDS).exclude(['system']), name: z.string() }),
  /** Name of the person whose session or personal token it is; null: a machine's. */
  person: z.string().nullable().default(null),
  /** Null for a bearer token, which has no session. */
  expiresAt: z.iso.datetime().nullable(),
  /** Everything that the caller may do, so that a UI can leave out what would be refused: `actions` names those of the role as well. */
  grants: z.array(right),
});
export type Session = z.infer<typeof session>;

/** `token`: a one-time sign-in token, or an API token. */
export const signInInput = z.strictObject({ token: z.string().min(1).max(512) });
export const passwordSignInInput = z.strictObject({ name: userName, password: passwordText });
/** With the token of a set-up, invite or reset link; `name` only with that of a set-up link. */
export const choosePasswordInput = z.strictObject({
  token: z.string().min(1).max(512),
  password: newPassword,
  name: userName.optional(),
});
/** `current` may be left out by whoever has no password yet. */
export const changePasswordInput = z.strictObject({ current: passwordText.optional(), password: newPassword });
/** How people may sign in besides by password. */
export const signInMethods = z.object({ provider: z.object({ name: z.string() }).nullable() });
export type SignInMethods = z.infer<typeof signInMethods>;

/** One's own session on some device. */
export const openSession = z.object({
  id: z.string(),
  current: z.boolean(),
  userAgent: z.string(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type OpenSession = z.infer<typeof openSession>;

const oneUser = z.strictObject({ user: z.uuid() });
const scope = z.strictObject({ project: projectKey.optional(), environment: environmentKey.optional() });

export const identityCommands = [
  z.strictObject({ type: z.literal('user.invite'), target: z.strictObject({}), input: inviteUserInput }),
  z.strictObject({
    type: z.literal('user.update'),
    target: oneUser,
    input: updateUserInput,
    baseVersions: z.strictObject({ user: version }),
  }),
  z.strictObject({ type: z.literal('user.disable'), target: oneUser, input: reasonOnly }),
  z.strictObject({ type: z.literal('user.enable'), target: oneUser, input: reasonOnly }),
  z.strictObject({ type: z.literal('user.reset'), target: oneUser, input: reasonOnly }),
  /** Hashed before it becomes a command: commands may be stored, and are hashed fast for idempotency. */
  z.strictObject({
    type: z.literal('user.set_password'),
    target: oneUser,
    input: z.strictObject({ passwordHash: z.string(), name: userName.optional(), reason }),
  }),
  z.strictObject({ type: z.literal('grant.create'), target: scope, input: createGrantInput }),
  z.strictObject({ type: z.literal('grant.delete'), target: scope.extend({ id: z.uuid() }), input: reasonOnly }),
  z.strictObject({ type: z.literal('token.create'), target: z.strictObject({}), input: createTokenInput }),
  z.strictObject({ type: z.literal('token.revoke'), target: z.strictObject({ id: z.uuid() }), input: reasonOnly }),
] as const;

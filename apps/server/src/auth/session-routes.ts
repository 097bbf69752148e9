/** `/api/v1/session` and `/api/v1/sessions`: signing in with a one-time link, an API token or a password; seeing and ending one's sessions. */
import { openSession as openSessionAnswer, pageOf, passwordSignInInput, session, signInInput } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Tx } from '../db/client.ts';
import { users } from '../db/identity-tables.ts';
import { AppError } from '../errors.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { cutPage, pageQuery } from '../http/page.ts';
import { findUserByName, type UserRow } from '../users/user-store.ts';
import { findApiToken } from './api-tokens.ts';
import { createAttemptLimit } from './attempt-limit.ts';
import { callerOf } from './authenticate.ts';
import { actionsIn } from './compare-grants.ts';
import { loadGrants } from './grant-store.ts';
import type { Passwords } from './passwords.ts';
import type { Grant } from './policies.ts';
import type { SessionCookie } from './session-cookie.ts';
import {
  endAllSessions,
  endSession,
  endSessionById,
  listSessions,
  openSession,
  SESSION_MAX_MS,
  type SessionOwner,
} from './sessions.ts';
import { redeemLink } from './sign-in-links.ts';

/** A person types or clicks once; a machine uses its token directly. The secrets have 256 bits, so this bounds work, not luck. */
export const SIGN_IN_LIMIT = { max: 20, timeWindow: 60_000 };
/** Of what somebody sends who is not known: a name, a password or a token. What is parsed holds up everybody. */
export const SIGN_IN_BODY_BYTES = 16 * 1024;
/** Passwords are guessable: ten a minute from one address, and ten a minute for one account from anywhere. */
const PASSWORD_LIMIT = { max: 10, windowMs: 60_000 };

export interface SignInOptions extends Management {
  readonly cookie: SessionCookie;
  readonly passwords: Passwords;
}

export function registerSessionRoutes(app: App, options: SignInOptions): void {
  const { db, now, cookie, passwords } = options;
  const perAddress = createAttemptLimit({ ...PASSWORD_LIMIT, whose: 'from this address', now });
  const perAccount = createAttemptLimit({ ...PASSWORD_LIMIT, whose: 'for this account', now });

  app.post(
    '/api/v1/session',
    {
      config: { policy: 'public', rateLimit: SIGN_IN_LIMIT },
      bodyLimit: SIGN_IN_BODY_BYTES,
      schema: { body: signInInput, response: { 201: session, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { token } = request.body;
      const opened = await db.transaction(async (tx) => {
        const link = await redeemLink(tx, token, ['sign_in'], now());
        const found = link === null ? await findApiToken(tx, token) : { owner: toPerson(link), person: link.name };
        return found && { ...(await signIn(tx, found.owner, request, options)), person: found.person };
      });
      // One answer for unknown, used, expired and revoked: the difference would be worth something to a thief.
      if (opened === null) throw new AppError('unauthenticated', 'This link or token does not work, or no longer.');
      return answerSignIn(reply, opened, options);
    },
  );

  app.post(
    '/api/v1/session/password',
    {
      config: { policy: 'public', rateLimit: SIGN_IN_LIMIT },
      bodyLimit: SIGN_IN_BODY_BYTES,
      schema: { body: passwordSignInInput, response: { 201: session, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { name, password } = request.body;
      const account = name.toLowerCase();
      perAddress.take(request.ip);
      perAccount.take(account);
      const user = await findUserByName(db, name);
      // Before anything is decided, so that neither the answer nor its time tells who exists or is disabled.
      const fits = await passwords.verify(user?.passwordHash ?? null, password);
      const opened =
        fits && user !== null
          ? await db.transaction(async (tx) =>
              (await isUnchanged(tx, user)) ? signIn(tx, toPerson(user), request, options) : null,
            )
          : null;
      if (opened === null) throw new AppError('unauthenticated', 'This name and password do not go together.');
      perAccount.forgive(account);
      return answerSignIn(reply, opened, options);
    },
  );

  app.get(
    '/api/v1/session',
    { config: { policy: 'session.read' }, schema: { response: { 200: session, ...ERROR_RESPONSES } } },
    (request) => {
      const { actor, person, grants, sessionExpiresAt } = callerOf(request);
      return presentSession({ owner: actor, person, grants, expiresAt: sessionExpiresAt });
    },
  );

  app.delete(
    '/api/v1/session',
    { config: { policy: 'session.end' }, schema: { response: { 204: z.undefined(), ...ERROR_RESPONSES } } },
    async (request, reply) => {
      const secret = request.cookies[cookie.name];
      if (secret !== undefined) await endSession(db, secret);
      return reply.clearCookie(cookie.name, cookie.options).code(204).send();
    },
  );

  app.get(
    '/api/v1/sessions',
    {
      config: { policy: 'session.read' },
      schema: { querystring: pageQuery, response: { 200: pageOf(openSessionAnswer), ...ERROR_RESPONSES } },
    },
    async (request) => {
      const all = await listSessions(db, callerOf(request).actor, request.cookies[cookie.name] ?? null, now());
      return cutPage(all, request.query, ({ id }) => id);
    },
  );

  app.delete(
    '/api/v1/sessions',
    { config: { policy: 'session.end' }, schema: { response: { 204: z.undefined(), ...ERROR_RESPONSES } } },
    async (request, reply) => {
      await endAllSessions(db, callerOf(request).actor);
      return reply.clearCookie(cookie.name, cookie.options).code(204).send();
    },
  );

  app.delete(
    '/api/v1/sessions/:id',
    {
      config: { policy: 'session.end' },
      schema: { params: z.object({ id: z.string().max(64) }), response: { 204: z.undefined(), ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const ended = await endSessionById(db, callerOf(request).actor, request.params.id);
      if (!ended) throw new AppError('not_found', 'You have no such session; it may have ended already.');
      return reply.code(204).send();
    },
  );
}

/**
 * Whether the person may still do what the password that was just verified lets them. It took a while, and whoever changed it or disabled
 * them meanwhile ended every session that there was: under this lock a session is either ended by that, or not opened.
 */
export async function isUnchanged(tx: Tx, { id, passwordHash }: UserRow): Promise<boolean> {
  const [now] = await tx.select().from(users).where(eq(users.id, id)).for('share');
  return now !== undefined && now.passwordHash === passwordHash && now.disabledAt === null;
}

type SignedIn = Awaited<ReturnType<typeof signIn>>;

/** A session with an id that nobody knew before; the one that the browser had ends. */
export async function signIn(tx: Tx, owner: SessionOwner, request: FastifyRequest, { now, mintSecret, cookie }: SignInOptions) {
  const former = request.cookies[cookie.name];
  if (former !== undefined) await endSession(tx, former);
  const userAgent = request.headers['user-agent'] ?? '';
  const opened = await openSession(tx, owner, { nowMs: now(), mintSecret, userAgent });
  return { owner, person: owner.kind === 'person' ? owner.name : null, grants: await loadGrants(tx, owner), ...opened };
}

export function answerSignIn(reply: FastifyReply, opened: SignedIn, { cookie }: Pick<SignInOptions, 'cookie'>): FastifyReply {
  setSessionCookie(reply, opened, cookie);
  return reply.code(201).send(presentSession(opened));
}

export function setSessionCookie(reply: FastifyReply, { secret }: Pick<SignedIn, 'secret'>, cookie: SessionCookie): void {
  reply.setCookie(cookie.name, secret, { ...cookie.options, maxAge: SESSION_MAX_MS / 1_000 });
}

export function toPerson({ id, name }: { readonly id: string; readonly name: string }): SessionOwner {
  return { kind: 'person', id, name };
}

interface Presented {
  readonly owner: SessionOwner;
  /** See `session` of the contract. */
  readonly person: string | null;
  readonly grants: readonly Grant[];
  readonly expiresAt: Date | null;
}

function presentSession({ owner, person, grants, expiresAt }: Presented) {
  const { kind, name } = owner;
  return {
    actor: { kind, name },
    person,
    expiresAt: expiresAt?.toISOString() ?? null,
    grants: grants.map((grant) => ({ ...grant, actions: actionsIn(grant) })),
  };
}

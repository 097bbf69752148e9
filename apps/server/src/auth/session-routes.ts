/** `POST`, `GET` and `DELETE /api/v1/session`: signing in with a one-time link or an API token, and out. */
import { session, signInInput } from '@yardarm/contract';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { findApiToken } from './api-tokens.ts';
import { callerOf } from './authenticate.ts';
import type { SessionCookie } from './session-cookie.ts';
import { endSession, openSession, SESSION_MAX_MS } from './sessions.ts';
import { redeemSignInToken } from './sign-in-links.ts';

/** A person types or clicks once; a machine uses its token directly. The secrets have 256 bits, so this bounds work, not luck. */
const SIGN_IN_LIMIT = { max: 20, timeWindow: 60_000 };

export function registerSessionRoutes(app: App, { db, now, mintSecret, cookie }: Management & { cookie: SessionCookie }): void {
  app.post(
    '/api/v1/session',
    {
      config: { policy: 'public', rateLimit: SIGN_IN_LIMIT },
      schema: { body: signInInput, response: { 201: session, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { token } = request.body;
      const opened = await db.transaction(async (tx) => {
        const owner = (await redeemSignInToken(tx, token, now())) ?? (await findApiToken(tx, token));
        return owner && { owner, ...(await openSession(tx, owner, { nowMs: now(), mintSecret })) };
      });
      // One answer for unknown, used, expired and revoked: the difference would be worth something to a thief.
      if (opened === null) throw new AppError('unauthenticated', 'This link or token does not work, or no longer.');
      reply.setCookie(cookie.name, opened.secret, { ...cookie.options, maxAge: SESSION_MAX_MS / 1_000 });
      const { kind, name } = opened.owner;
      return reply.code(201).send({ actor: { kind, name }, expiresAt: opened.expiresAt.toISOString() });
    },
  );

  app.get(
    '/api/v1/session',
    { config: { policy: 'session.read' }, schema: { response: { 200: session, ...ERROR_RESPONSES } } },
    (request) => {
      const { actor, sessionExpiresAt } = callerOf(request);
      return { actor: { kind: actor.kind, name: actor.name }, expiresAt: sessionExpiresAt?.toISOString() ?? null };
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
}

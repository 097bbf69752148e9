/**
 * Single sign-on: away to the OpenID provider and back. What the attempt needs travels in a sealed cookie of ten
 * minutes, so that only the browser that left can come back, and any replica can receive it.
 */
import { signInMethods } from '@yardarm/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { createSealer } from '../auth/sealed.ts';
import {
  SIGN_IN_BODY_BYTES,
  SIGN_IN_LIMIT,
  type SignInOptions,
  setSessionCookie,
  signIn,
  toPerson,
} from '../auth/session-routes.ts';
import type { App } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { admitIdentity } from './admit-identity.ts';
import type { OidcConfig } from './oidc-config.ts';
import { type Attempt, createOpenIdProvider } from './openid-provider.ts';

const ATTEMPT_MS = 10 * 60_000;
const CALLBACK = '/api/v1/oidc/callback';

export interface OidcOptions {
  readonly settings: OidcConfig;
  readonly clientSecret: string | null;
  /** Of the server; seals the cookie. */
  readonly secret: string;
  /** Origin under which people reach the server. */
  readonly publicUrl: string;
}

interface SealedAttempt extends Attempt {
  readonly next: string;
  readonly invite: string | null;
}

const startInput = z.strictObject({ token: z.string().min(1).max(512) });
const startQuery = z.object({ next: z.string().max(2_000).optional() });

/** `oidc` null: no provider is configured, and only the list of ways to sign in remains. */
export function registerOidcRoutes(app: App, oidc: OidcOptions | null, options: SignInOptions): void {
  app.get(
    '/api/v1/session/methods',
    { config: { policy: 'public' }, schema: { response: { 200: signInMethods, ...ERROR_RESPONSES } } },
    () => ({ provider: oidc && { name: oidc.settings.name } }),
  );
  if (oidc === null) return;
  const { settings, clientSecret, secret, publicUrl } = oidc;
  const { db, now, cookie } = options;
  const provider = createOpenIdProvider(settings, clientSecret, publicUrl + CALLBACK);
  const sealer = createSealer(secret, 'single sign-on');
  const attemptCookie = `${cookie.name}-oidc`;

  const begin = async (reply: FastifyReply, rest: Pick<SealedAttempt, 'next' | 'invite'>) => {
    const { url, attempt } = await provider.begin();
    const sealed = sealer.seal({ ...attempt, ...rest } satisfies SealedAttempt, now() + ATTEMPT_MS);
    reply.setCookie(attemptCookie, sealed, { ...cookie.options, maxAge: ATTEMPT_MS / 1_000 });
    return url;
  };

  app.get(
    '/api/v1/oidc/sign-in',
    { config: { policy: 'public', rateLimit: SIGN_IN_LIMIT }, schema: { hide: true, querystring: startQuery } },
    async (request, reply) => {
      try {
        return reply.redirect(await begin(reply, { next: toOwnPath(request.query.next), invite: null }), 303);
      } catch (error) {
        return refuse(request, reply, 'provider_unavailable', error);
      }
    },
  );

  /** With an invite in hand: who comes back is the person who was invited. Answers where to go. */
  app.post(
    '/api/v1/oidc/sign-in',
    {
      config: { policy: 'public', rateLimit: SIGN_IN_LIMIT },
      bodyLimit: SIGN_IN_BODY_BYTES,
      schema: { body: startInput, response: { 200: z.object({ url: z.string() }), ...ERROR_RESPONSES } },
    },
    async (request, reply) => ({ url: await begin(reply, { next: '/', invite: request.body.token }) }),
  );

  app.get(
    CALLBACK,
    { config: { policy: 'public', rateLimit: SIGN_IN_LIMIT }, schema: { hide: true } },
    async (request, reply) => {
      const attempt = sealer.open(request.cookies[attemptCookie] ?? '', now()) as SealedAttempt | null;
      reply.clearCookie(attemptCookie, cookie.options);
      // Nobody left from this browser: somebody else's code must not sign it in.
      if (attempt === null) return refuse(request, reply, 'failed', null);
      try {
        const identity = await provider.complete(new URL(request.url, publicUrl), attempt);
        const { id: requestId, log } = request;
        const opened = await db.transaction(async (tx) => {
          const admitted = await admitIdentity(tx, identity, { settings, invite: attempt.invite, requestId, nowMs: now(), log });
          return 'problem' in admitted ? admitted : await signIn(tx, toPerson(admitted.user), request, options);
        });
        if ('problem' in opened) return refuse(request, reply, opened.problem, null);
        setSessionCookie(reply, opened, cookie);
        return reply.redirect(attempt.next, 303);
      } catch (error) {
        return refuse(request, reply, 'failed', error);
      }
    },
  );
}

/** A page, since a person looks at it; what went wrong goes to the log, by its kind only: messages may quote tokens. */
function refuse(request: FastifyRequest, reply: FastifyReply, problem: string, error: unknown): FastifyReply {
  if (error instanceof Error) {
    const { code = error.name } = error as Error & { code?: string };
    const causeOf =
      error.cause instanceof Error ? ((error.cause as Error & { code?: string }).code ?? error.cause.name) : undefined;
    request.log.warn({ problem, code, cause: causeOf }, 'single sign-on failed');
  }
  return reply.redirect(`/sign-in?error=${problem}`, 303);
}

/** Only paths of this app: an address from elsewhere must not ride on a sign-in. */
function toOwnPath(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/';
}

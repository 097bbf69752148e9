/**
 * Who is calling, decided on the matched route (never by a path prefix) before its body is read: an API token
 * in `Authorization`, else the session cookie. Then the route's policy, so that a handler runs only for
 * callers who may.
 */
import type { FastifyRequest } from 'fastify';
import type { Database } from '../db/client.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { findApiToken, stampTokenUse } from './api-tokens.ts';
import { type ActionTarget, authorize, can, type Principal } from './policies.ts';
import { isUnsafe, sourceOf } from './same-origin.ts';
import type { SessionCookie } from './session-cookie.ts';
import { findSession, noteUse, type SessionOwner } from './sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on routes whose policy is `public` or `sdk-key`. */
    caller: Caller | null;
  }
}

export interface Caller extends Principal {
  readonly actor: SessionOwner;
  /** Name of the person whose session or personal token it is. */
  readonly person: string | null;
  /** Null for a bearer token, which has no session. */
  readonly sessionExpiresAt: Date | null;
}

export interface AuthenticationOptions {
  readonly db: Database;
  /** For routes that are not shed. */
  readonly killDb: Database;
  readonly now: () => number;
  readonly publicUrl: string | null;
  readonly cookie: SessionCookie;
}

export function authenticateRequests(app: App, options: AuthenticationOptions): void {
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request, reply) => {
    const { policy } = request.routeOptions.config;
    if (policy === undefined || policy === 'sdk-key') return;
    if (policy === 'public') {
      if (isUnsafe(request.method)) refuseCrossSite(request, options.publicUrl);
      return;
    }
    request.caller = await identify(request, options, 'use');
    if (request.caller === null) {
      reply.header('www-authenticate', 'Bearer');
      throw new AppError('unauthenticated', 'Sign in, or send an API token: Authorization: Bearer <token>.');
    }
    authorize(request.caller, policy, request.params as ActionTarget);
  });
}

/** Whether the credential of a request that was let in, and goes on (a stream), would still be let in. Asking is no use of it: an open page must not keep its session alive for ever. */
export async function isStillAllowed(request: FastifyRequest, options: AuthenticationOptions): Promise<boolean> {
  const { policy } = request.routeOptions.config;
  if (policy === undefined || policy === 'public' || policy === 'sdk-key') return false;
  const caller = await identify(request, options, 'look');
  return caller !== null && can(caller, policy, request.params as ActionTarget);
}

/** The caller of a route with an action for its policy. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`Route ${request.routeOptions.url} has no caller: its policy is not an action.`);
  return request.caller;
}

async function identify(
  request: FastifyRequest,
  options: AuthenticationOptions,
  purpose: 'use' | 'look',
): Promise<Caller | null> {
  const db = request.routeOptions.config.isShed === false ? options.killDb : options.db;
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    // No falling back to a cookie: whoever sends a token means that token.
    const token = /^Bearer +(\S{1,512})$/i.exec(authorization)?.[1];
    if (token === undefined) return null;
    const found = await findApiToken(db, token);
    if (found === null) return null;
    if (purpose === 'use') await noteIn(request, stampTokenUse(options.db, found, options.now()));
    return { actor: found.owner, person: found.person, grants: found.grants, sessionExpiresAt: null };
  }
  const secret = request.cookies[options.cookie.name];
  if (secret === undefined) return null;
  const session = await findSession(db, secret, options.now());
  if (session === null) return null;
  if (isUnsafe(request.method)) requireSameOrigin(request, options.publicUrl);
  if (purpose === 'use') await noteIn(request, noteUse(options.db, secret, session, options.now()));
  return { actor: session.owner, person: session.person, grants: session.grants, sessionExpiresAt: session.expiresAt };
}

/** A kill neither waits for nor fails by what only says that its credential was used: the first of the night would always pay for it. */
async function noteIn(request: FastifyRequest, noting: Promise<void>): Promise<void> {
  if (request.routeOptions.config.isShed !== false) return noting;
  noting.catch((error) => request.log.warn({ err: error }, 'the use of a credential could not be noted'));
}

function requireSameOrigin(request: FastifyRequest, publicUrl: string | null): void {
  if (sourceOf(request.headers, publicUrl) === 'same-origin') return;
  throw new AppError('forbidden', 'A signed-in browser may change things only from the pages of this server.');
}

function refuseCrossSite(request: FastifyRequest, publicUrl: string | null): void {
  if (sourceOf(request.headers, publicUrl) !== 'cross-site') return;
  throw new AppError('forbidden', 'Pages of other sites may not sign anybody in.');
}

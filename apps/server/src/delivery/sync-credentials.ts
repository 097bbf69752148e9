/**
 * The SDK key of a request to `/sync`: in `Authorization`, or, because a browser's WebSocket cannot set
 * headers, a client key in the list of subprotocols. Never in a URL, which logs and histories keep; cookies
 * are never read.
 */
import { KEY_SUBPROTOCOL_PREFIX } from '@yardarm/sync';
import type { FastifyRequest } from 'fastify';
import { isMistyped } from '../auth/secrets.ts';
import { AppError } from '../errors.ts';
import type { SdkKey, SdkKeyCache } from './sdk-keys.ts';

/** Long enough for a restart of the database, short enough for a new key. */
const RETRY_AFTER_SECONDS = 5;

export interface Credential {
  readonly secret: string;
  /** A subprotocol entry is visible to the page's scripts: only client keys may travel so. */
  readonly fromSubprotocol: boolean;
}

export function readBearer(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}

/** Throws `unauthenticated` when the request carries no key. */
export function readCredential({ headers }: Pick<FastifyRequest, 'headers'>): Credential {
  const bearer = readBearer(headers.authorization);
  if (bearer !== undefined) return { secret: bearer, fromSubprotocol: false };
  const entry = headers['sec-websocket-protocol']
    ?.split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(KEY_SUBPROTOCOL_PREFIX));
  if (entry !== undefined) return { secret: entry.slice(KEY_SUBPROTOCOL_PREFIX.length), fromSubprotocol: true };
  throw new AppError('unauthenticated', 'Send an SDK key of the environment: Authorization: Bearer <key>.');
}

/** The key, or null when it is refused. Throws `unavailable` when nobody can tell now. */
export async function admit(credential: Credential, keys: SdkKeyCache): Promise<SdkKey | null> {
  const key = await keys.resolve(credential.secret);
  if (key === 'unavailable') {
    const message = 'This SDK key is not known here and the database cannot be asked now; try again.';
    throw new AppError('unavailable', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
  if (key === 'unknown' || (credential.fromSubprotocol && key.kind === 'server')) return null;
  return key;
}

/** Why the key may not be used by the page that asks; null: it may. A request without `Origin` is of no page of another site. */
export function refuseOrigin(key: SdkKey, origin: string | undefined): string | null {
  if (origin === undefined || key.allowedOrigins.length === 0 || key.allowedOrigins.includes(origin)) return null;
  return 'This client key may not be used by this page: add its origin to the allowed origins of the key.';
}

/** The sentence for a key that was refused. */
export function refusedKey(secret: string): string {
  if (isMistyped(secret)) return 'This SDK key is mistyped: its last six characters do not fit the rest. Copy it again.';
  return 'This SDK key is unknown, revoked or expired.';
}

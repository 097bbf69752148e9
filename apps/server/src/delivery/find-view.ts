/**
 * What a request to `/sync` is answered from: the view of its key, in memory, never older than what the reader says it holds
 * already. Looks at the database only where memory falls short, and never waits long.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { compareStates, type SyncState, toStorable } from '@yardarm/sync';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { RuleSetCache, ServedEnvironment } from '../ruleset/cache.ts';
import type { ServedView } from '../ruleset/served-view.ts';
import type { KeyUse } from './key-use.ts';
import type { SdkKey, SdkKeyCache } from './sdk-keys.ts';
import { admit, readCredential, refusedKey, refuseOrigin } from './sync-credentials.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a route below `/sync`, from the check before it on; null before that. */
    sdkKey: SdkKey | null;
  }
}

export interface ViewSource {
  readonly cache: RuleSetCache;
  readonly keys: SdkKeyCache;
  readonly use: KeyUse;
  /** Resolves after the database has been looked at, and what it has of the environment was taken over or could not be. */
  readonly poll: (environmentId: string) => Promise<void>;
  /** Whoever asks with this key holds a newer state than this server. */
  readonly onAhead: (key: SdkKey, held: Have) => void;
}

export type Have = Pick<SyncState, 'epoch' | 'revision'>;

/** How long a reader that is ahead waits for this server to catch up: longer than a poll of the heads takes. */
const PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 100;
const RETRY_AFTER_SECONDS = 1;
const HAVE = /^([^.]{1,200})\.(\d{1,15})$/;

/**
 * The newest view of the request's key. `have` is what its reader holds: the answer is never older. Throws `unauthenticated`,
 * `forbidden` (the page's origin), or `unavailable` with a time to come back after.
 */
export async function findView(request: FastifyRequest, have: Have | undefined, source: ViewSource): Promise<ServedView> {
  const key = request.sdkKey ?? (await findKey(request, source));
  const view = (await findEnvironment(key, source)).views[key.kind];
  if (have === undefined || compareStates(have, view.state) <= 0) return view;
  source.onAhead(key, have);
  await waitUntil(key, () => isReached(key, have, source), source);
  // The wait was long enough for a revocation.
  await findKey(request, source);
  const newest = source.cache.get(key.environmentId)?.views[key.kind];
  if (newest !== undefined && isReached(key, have, source)) return newest;
  throw new AppError('unavailable', 'You hold newer rules than this server has seen; keep them and try again.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

/** The key of the request, which may be used by whoever asks. */
export async function findKey(request: FastifyRequest, { keys, use }: ViewSource): Promise<SdkKey> {
  const credential = readCredential(request);
  const key = await admit(credential, keys);
  if (key === null) throw new AppError('unauthenticated', refusedKey(credential.secret));
  const refusal = refuseOrigin(key, request.headers.origin);
  if (refusal !== null) throw new AppError('forbidden', refusal);
  use.note(key.id);
  return key;
}

/** The environment of an admitted key. Throws as `waitForEnvironment` does, and `unauthenticated`. */
export async function findEnvironment(
  key: SdkKey,
  source: Pick<ViewSource, 'cache' | 'keys' | 'poll'>,
): Promise<ServedEnvironment> {
  const known = source.cache.get(key.environmentId);
  if (known !== undefined) return known;
  const found = await waitForEnvironment(key, source);
  // The wait was long enough for a revocation.
  if (source.keys.findById(key.id) === undefined)
    throw new AppError('unauthenticated', 'This SDK key was revoked or has expired.');
  return found;
}

/** Same, of a key that is looked at once more afterwards. An environment that was made a moment ago is looked for once more. */
export async function waitForEnvironment(
  key: SdkKey,
  { cache, poll }: Pick<ViewSource, 'cache' | 'poll'>,
): Promise<ServedEnvironment> {
  const known = cache.get(key.environmentId);
  if (known !== undefined) return known;
  await Promise.race([poll(key.environmentId), delay(PATIENCE_MS, undefined, { ref: false })]);
  const found = cache.get(key.environmentId);
  if (found !== undefined) return found;
  throw new AppError('unavailable', "The rule set of this key's environment is not loaded yet; try again.", {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

/** `<epoch>.<revision>`; undefined when there is none or it cannot be read, since it only informs. */
export function readHave(text: unknown): Have | undefined {
  const match = typeof text === 'string' ? HAVE.exec(text) : null;
  if (match === null) return undefined;
  const [, epoch = '', revision] = match;
  return { epoch: toStorable(epoch), revision: Number(revision) };
}

function isReached(key: SdkKey, have: Have, { cache }: ViewSource): boolean {
  const view = cache.get(key.environmentId)?.views[key.kind];
  return view !== undefined && compareStates(have, view.state) <= 0;
}

/** Looks at the database again and again; resolves when it is reached or patience ends, whichever comes first. */
async function waitUntil({ environmentId }: SdkKey, isThere: () => boolean, { poll }: ViewSource): Promise<void> {
  let late = false;
  const patience = delay(PATIENCE_MS).then(() => {
    late = true;
  });
  while (!late) {
    await Promise.race([patience, poll(environmentId)]);
    if (isThere()) return;
    await Promise.race([patience, delay(LOOK_EVERY_MS)]);
  }
}

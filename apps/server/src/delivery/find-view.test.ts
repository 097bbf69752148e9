import { Metadata, status } from '@grpc/grpc-js';
import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { findCaller } from '../flagd/flagd-callers.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { findEnvironment, findView, type ViewSource } from './find-view.ts';
import type { SdkKey } from './sdk-keys.ts';

const KEY: SdkKey = { id: 'k', environmentId: 'e', kind: 'server', allowedOrigins: [], expiresAtMs: null };
const state = { epoch: '1-a', revision: 1, digest: '' };
const served = {
  rules: { project: 'shop', environment: 'test' },
  views: { server: { state }, client: { state } },
} as unknown as ServedEnvironment;

/** Has no environment until it looks at the database, by when the key is revoked or not. */
function sourceWith({ revokes }: { readonly revokes: boolean }): ViewSource {
  let hasLooked = false;
  const find = () => (hasLooked && revokes ? undefined : KEY);
  const source = {
    cache: { get: () => (hasLooked ? served : undefined) },
    keys: { find, findById: find, resolve: async () => find() ?? 'unknown' },
    use: { note: () => undefined },
    poll: async () => {
      hasLooked = true;
    },
    onAhead: () => undefined,
  };
  return source as unknown as ViewSource;
}

describe('who waits for its environment', () => {
  const request = { sdkKey: null, headers: { authorization: 'Bearer ys_key' } } as unknown as FastifyRequest;
  const metadata = new Metadata();
  metadata.set('authorization', 'Bearer ys_key');
  const options = { environment: { project: 'shop', environment: 'test' }, isKeyNeeded: true };

  test('gets it once it is loaded', async () => {
    expect(await findView(request, undefined, sourceWith({ revokes: false }))).toBe(served.views.server);
    expect(await findCaller(metadata, '', { ...options, source: sourceWith({ revokes: false }) })).toEqual({ served, key: KEY });
  });

  test('gets nothing of it when the same look found its key revoked', async () => {
    await expect(findView(request, undefined, sourceWith({ revokes: true }))).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(findEnvironment(KEY, sourceWith({ revokes: true }))).rejects.toMatchObject({ code: 'unauthenticated' });
    const caller = await findCaller(metadata, '', { ...options, source: sourceWith({ revokes: true }) });
    expect(caller).toMatchObject({ code: status.UNAUTHENTICATED });
  });
});

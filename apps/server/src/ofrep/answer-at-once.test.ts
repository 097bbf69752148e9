import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { INTERNAL_MESSAGE } from '../http/sqlstate.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { answerAtOnce } from './answer-at-once.ts';
import { createOfrepLimits } from './ofrep-limits.ts';

const KEY = { id: 'key', environmentId: 'environment', kind: 'server', allowedOrigins: [] } as unknown as SdkKey;
const SERVED = { rules: { views: { server: { bodies: new Map() } } } } as unknown as ServedEnvironment;
const server = createServer();
afterEach(() => server.close());

test('an evaluation that fails costs its own request, and not the server', async () => {
  const failures: unknown[] = [];
  answerAtOnce(server, {
    source: {
      cache: { get: () => SERVED } as never,
      keys: { find: () => KEY } as never,
      use: { note: () => undefined } as never,
    },
    limits: createOfrepLimits(100),
    evaluate: () => {
      throw new Error('torn');
    },
    onFailure: (error) => failures.push(error),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/ofrep/v1/evaluate/flags/checkout`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    body: '{}',
  });
  expect([response.status, await response.json()]).toEqual([500, { errorDetails: INTERNAL_MESSAGE }]);
  expect(failures).toMatchObject([{ message: 'torn' }]);
});

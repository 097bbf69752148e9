import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { INTERNAL_MESSAGE } from '../http/sqlstate.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { type AnswerAtOnceOptions, answerAtOnce } from './answer-at-once.ts';
import { createOfrepLimits } from './ofrep-limits.ts';

const KEY = { id: 'key', environmentId: 'environment', kind: 'server', allowedOrigins: [] } as unknown as SdkKey;
const SERVED = { rules: { views: { server: { bodies: new Map() } } } } as unknown as ServedEnvironment;
let server: Server;
beforeEach(async () => {
  server = createServer((_, response) => response.end('by its route'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => server.close());

test('an evaluation that fails costs its own request, and not the server', async () => {
  const failures: unknown[] = [];
  answer({
    evaluate: () => {
      throw new Error('torn');
    },
    onFailure: (error) => failures.push(error),
  });
  const response = await ask('/ofrep/v1/evaluate/flags/checkout');
  expect([response.status, await response.json()]).toEqual([500, { errorDetails: INTERNAL_MESSAGE }]);
  expect(failures).toMatchObject([{ message: 'torn' }]);
});

test('who asks for all flags before they are compiled is answered by the route, which waits, and a single flag is not', async () => {
  let warming: Promise<void> | null = Promise.resolve();
  answer({ evaluate: () => ({ status: 200, body: '"at once"' }), warming: () => warming });
  const texts = async () =>
    Promise.all(['', '/checkout'].map(async (path) => (await ask(`/ofrep/v1/evaluate/flags${path}`)).text()));
  expect(await texts()).toEqual(['by its route', '"at once"']);
  warming = null;
  expect(await texts()).toEqual(['"at once"', '"at once"']);
});

function answer(options: Partial<AnswerAtOnceOptions> & Pick<AnswerAtOnceOptions, 'evaluate'>): void {
  answerAtOnce(server, {
    source: {
      cache: { get: () => SERVED } as never,
      keys: { find: () => KEY } as never,
      use: { note: () => undefined } as never,
    },
    limits: createOfrepLimits(100),
    warming: () => null,
    onFailure: () => undefined,
    ...options,
  });
}

async function ask(path: string): Promise<Response> {
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    body: '{}',
  });
}

/**
 * The same flags decided three ways, each by a published provider or ours: in the application by our Node SDK, at the server over OFREP, and in the
 * application by flagd's provider on what the server exports. `npm run three-ways` is the same over ten thousand pairs.
 */
import { FlagdProvider } from '@openfeature/flagd-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mustCall } from '../bench/crash/call.mjs';
import { type ServerProcess, spawnServer } from '../bench/crash/server.mjs';
import { freePort } from '../bench/delivery/free-port.mjs';
import { OPERATORS } from '../packages/evaluator/src/rule-set.ts';
import { conditionWith, flagdContext } from '../packages/evaluator/src/testing/flagd-arbitraries.ts';
import { YardarmProvider } from '../packages/sdk-node/src/index.ts';
import { temporaryDirectory, waitUntil } from '../scripts/launch.mjs';

const FLAGS = Number(process.env.THREE_WAYS_FLAGS ?? 30);
const CONTEXTS = Number(process.env.THREE_WAYS_CONTEXTS ?? 20);
const SEED = Number(process.env.THREE_WAYS_SEED ?? 1);
const PROJECT = '/projects/shop';
const CODE_DEFAULT = 'code default';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: ServerProcess;
let url: string;
let key: string;
let flagdPort: number;
beforeAll(async () => {
  directory = await temporaryDirectory();
  flagdPort = await freePort();
  server = spawnServer(directory.path, {
    YARDARM_FLAGD_PORT: String(flagdPort),
    YARDARM_FLAGD_ENVIRONMENT: 'shop/production',
  });
  url = await server.ready;
});
afterAll(async () => {
  await OpenFeature.close();
  await server?.stop();
  await directory?.remove();
});

const call = (method: string, path: string, body: object, headers?: Record<string, string>) =>
  mustCall({ url }, { method, path, body, ...(headers && { headers }) });

/** Flags of one operator each, in turn, with a segment, a prerequisite or a split here and there. What the server refuses is left out. */
async function makeFlags(): Promise<string[]> {
  await call('POST', '/projects', { key: 'shop', name: 'Shop' });
  await call('POST', `${PROJECT}/environments`, { key: 'production', name: 'Production' }).catch(() => undefined);
  const made = await call('POST', `${PROJECT}/environments/production/keys`, { kind: 'server', name: 'three ways' });
  key = (made.body as { secret: string }).secret;
  const conditions = OPERATORS.flatMap((op, index) =>
    fc.sample(conditionWith(op), { numRuns: Math.ceil(FLAGS / OPERATORS.length), seed: SEED + index }),
  );
  const keys: string[] = [];
  for (const [index, condition] of conditions.entries()) {
    const flag = `flag-${index}`;
    const weights = [
      ['on', 30_000],
      ['off', 50_000],
      ['third', 20_000],
    ];
    const serve = index % 3 === 0 ? { split: { by: 'targetingKey', hash: 2, weights } } : { variant: 'on' };
    const prerequisites = index % 5 === 4 && keys.length > 0 ? [{ flag: keys.at(-1), variants: ['on', 'off'] }] : [];
    await call('POST', `${PROJECT}/flags`, {
      ...{ key: flag, kind: 'operational', type: 'string', offVariant: 'off' },
      variants: { on: 'the value on', off: 'the value off', third: 'the third value' },
    });
    const path = `${PROJECT}/flags/${flag}/environments/production`;
    const change = {
      prerequisites,
      targets: [{ variant: 'third', keys: ['u2'] }],
      rules: [{ id: 'r', when: index % 2 === 0 ? condition : { not: condition }, serve }],
      fallthrough: index % 4 === 1 ? null : { variant: 'off' },
    };
    const isTaken = await call('PATCH', path, change, { 'if-match': '"v1"' }).then(
      () => true,
      () => false,
    );
    if (!isTaken) continue;
    if (index % 7 !== 6) await call('POST', `${path}/unkill`, {});
    keys.push(flag);
  }
  return keys;
}

it('gives the same value by our SDK, OFREP and flagd, wherever flagd can say the flag', async () => {
  const keys = await makeFlags();
  const contexts = fc
    .sample(flagdContext, { numRuns: CONTEXTS, seed: SEED })
    .map((context) => JSON.parse(JSON.stringify(context)));
  await OpenFeature.setProviderAndWait('yardarm', new YardarmProvider({ url, key }));
  await OpenFeature.setProviderAndWait(
    'flagd',
    new FlagdProvider({ resolverType: 'in-process', host: '127.0.0.1', port: flagdPort }),
  );
  const [own, flagd] = [OpenFeature.getClient('yardarm'), OpenFeature.getClient('flagd')];
  const lastFlag = keys.at(-1) as string;
  await waitUntil(
    async () => (await own.getStringDetails(lastFlag, CODE_DEFAULT)).errorCode !== 'FLAG_NOT_FOUND',
    10_000,
    () => 'the flags in the SDK',
  );
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const { obstacles } = (await (await fetch(`${url}/flagd/v1/obstacles`, { headers })).json()) as {
    obstacles: Record<string, unknown>;
  };

  const differences: string[] = [];
  const values = new Map<string, number>();
  let portable = 0;
  for (const context of contexts) {
    const response = await fetch(`${url}/ofrep/v1/evaluate/flags`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ context }),
    });
    const { flags } = (await response.json()) as { flags: { key: string; value?: string }[] };
    const remote = new Map(flags.map(({ key: flag, value }) => [flag, value ?? CODE_DEFAULT]));
    for (const flag of keys) {
      const ours = await own.getStringValue(flag, CODE_DEFAULT, context);
      const seen = [ours, remote.get(flag)];
      if (!Object.hasOwn(obstacles, flag)) {
        portable++;
        seen.push(await flagd.getStringValue(flag, CODE_DEFAULT, context));
      }
      values.set(ours, (values.get(ours) ?? 0) + 1);
      if (new Set(seen).size > 1) differences.push(`${flag} for ${JSON.stringify(context)}: ${seen.join(' / ')}`);
    }
  }
  console.log(
    `${keys.length * contexts.length} pairs of ${keys.length} flags, ${portable} of them by flagd as well: ${JSON.stringify([...values])}`,
  );
  expect(differences).toEqual([]);
  // Otherwise there was little to differ in.
  expect(portable).toBeGreaterThan((keys.length * contexts.length) / 2);
  expect([...values.keys()].sort()).toEqual([CODE_DEFAULT, 'the third value', 'the value off', 'the value on']);
}, 600_000);

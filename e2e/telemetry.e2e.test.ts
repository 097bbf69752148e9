/** Counts of a real SDK, at a real server, as a person reads them. */
import { expect, it } from 'vitest';
import { mustCall } from '../bench/crash/call.mjs';
import { SWITCH } from '../bench/delivery/test-bed.mjs';
import { withServer } from '../bench/faults/bed.mjs';
import { YardarmProvider } from '../packages/sdk-node/dist/index.js';

it('evaluations of both APIs of the Node SDK, and the hash of what callers fall back to, arrive once', () =>
  withServer(async ({ target, key, flip }) => {
    await flip();
    const provider = new YardarmProvider({ url: target.url, key, app: { name: 'shop', version: '1.2.3' } });
    await provider.initialize();
    for (let call = 0; call < 3; call++) await provider.resolveBooleanEvaluation(SWITCH, false, { targetingKey: 'user-1' });
    for (let call = 0; call < 4; call++) provider.boolean(SWITCH, false, { targetingKey: 'user-1' });
    provider.boolean(SWITCH, true);
    provider.string('never-made', 'none');
    await provider.onClose();

    const path = `/projects/bench/flags/${SWITCH}/environments/production/evaluations?grain=hour`;
    await expect
      .poll(async () => (await mustCall(target, { method: 'GET', path })).body, { timeout: 30_000, interval: 500 })
      .toMatchObject({
        items: [{ keyKind: 'server', variant: 'on', reason: 'STATIC', defaultServed: false, n: 8 }],
        apps: [{ app: { name: 'shop', version: '1.2.3' }, n: 8 }],
        defaults: [{ hash: expect.any(String) }, { hash: expect.any(String) }],
      });
    const { body } = await mustCall(target, { method: 'GET', path });
    expect(JSON.stringify(body)).not.toContain('user-1');
  }));

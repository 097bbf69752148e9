/**
 * Row 22 of the fault table: every SDK that was ever released works with the server of today. The SDKs are kept as they were
 * (`npm run sdk:fixture`); they meet whatever the server has learned to send since.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mustCall } from '../bench/crash/call.mjs';
import { FLAGS_PATH } from '../bench/delivery/test-bed.mjs';
import { type Bed, startSdk, untilApplied, withServer } from '../bench/faults/bed.mjs';
import { startFaultProxy } from '../bench/faults/fault-proxy.mjs';

const folder = path.join(import.meta.dirname, 'released-sdks');
const files = (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
/** Two changes of this are more than the 64 KiB that go through a socket. */
const LARGE = 'x'.repeat(50_000);
/** A reader that does not understand where a resync points waits ten seconds for the next. */
const CONVERGED_MS = 45_000;

async function flipLargeFlags({ target }: Bed, verb: 'kill' | 'unkill'): Promise<void> {
  for (const key of ['large-1', 'large-2'])
    await mustCall(target, { method: 'POST', path: `${FLAGS_PATH}/${key}/environments/production/${verb}`, body: {} });
}

describe.each(files)('released SDK %s and the server of today', (file) => {
  it('starts, follows flips, confirms them, and comes back after cuts and large changes', async () => {
    const { YardarmProvider } = await import(pathToFileURL(path.join(folder, file)).href);
    await withServer(async (bed) => {
      for (const key of ['large-1', 'large-2']) {
        const body = { key, kind: 'operational', type: 'string', variants: { on: LARGE, off: '' } };
        await mustCall(bed.target, { method: 'POST', path: FLAGS_PATH, body });
      }
      const proxy = await startFaultProxy(bed.port);
      const sdk = startSdk(proxy.url, bed.key, YardarmProvider);
      await sdk.ready();
      await untilApplied(bed.target, 1);
      for (let count = 0; count < 4; count += 1) {
        const { isOn, revision } = await bed.flip();
        await sdk.until(isOn);
        expect((await sdk.ask()).version).toBe(revision);
      }
      await untilApplied(bed.target, 1);

      proxy.reset();
      await bed.flip();
      await sdk.until(true);
      await untilApplied(bed.target, 1);

      proxy.set({ refuse: true });
      proxy.reset();
      await sleep(100);
      await flipLargeFlags(bed, 'unkill');
      await bed.flip();
      proxy.set({});
      await untilApplied(bed.target, 1, CONVERGED_MS);
      expect((await sdk.ask()).value).toBe(false);
      expect(sdk.events.filter(({ name }) => name === 'ERROR')).toEqual([]);
      await sdk.close();
      await proxy.close();
    });
  });
});

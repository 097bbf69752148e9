// @ts-check
/** Row 43: proxies that know no websockets, or keep what they should pass on. */
import { startSdk, withServer } from './bed.mjs';
import { isStream, startFaultProxy } from './fault-proxy.mjs';

/** The next poll and its answer. */
const POLLED_MS = 40_000;

const PROXIES = /** @type {const} */ ([
  ['without Upgrade', { answer: 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n' }],
  ['that buffers', { stall: 'down' }],
]);

export function blockedStream() {
  return withServer(async ({ port, key, flip }) => {
    const measures = PROXIES.map(async ([title, fault]) => {
      const proxy = await startFaultProxy(port);
      proxy.set(({ head }) => (isStream(head) ? fault : {}));
      const startedMs = performance.now();
      const sdk = startSdk(proxy.url, key);
      try {
        await sdk.ready();
        const readyMs = performance.now();
        const { isOn } = await flipOnce();
        const flippedMs = performance.now();
        const appliedMs = await sdk.until(isOn, POLLED_MS * 2);
        return [
          { title: `proxy ${title}: data after the start`, value: (readyMs - startedMs) / 1e3, atMost: 15, unit: 's' },
          { title: `proxy ${title}: a later change`, value: (appliedMs - flippedMs) / 1e3, atMost: POLLED_MS / 1e3, unit: 's' },
        ];
      } finally {
        await sdk.close();
        await proxy.close();
      }
    });
    /** @type {ReturnType<typeof flip> | undefined} */
    let flipped;
    function flipOnce() {
      flipped ??= flip();
      return flipped;
    }
    return (await Promise.all(measures)).flat();
  });
}

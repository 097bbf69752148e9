// @ts-check
/**
 * Row 43: proxies that know no websockets, or keep what they should pass on; and the first fetch, which would hide them, fails as well. What
 * is left is that the SDK polls: at once after three streams that failed quickly, and after 10 s without a welcome.
 */
import { startSdk, withServer } from './bed.mjs';
import { isStream, startFaultProxy } from './fault-proxy.mjs';

/** The next poll and its answer. */
const POLLED_BAR_S = 40;

const BAD_GATEWAY = { answer: 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n' };
/** What they do, after how many seconds there have to be rules, and what becomes of a stream. */
const PROXIES = /** @type {const} */ ([
  ['without Upgrade', 5, { answer: 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n' }],
  ['that buffers', 15, { stall: 'down' }],
]);

export function blockedStream() {
  return withServer(async ({ port, key, flip }) => {
    // An SDK without rules answers that it is off.
    await flip();
    const readers = await Promise.all(
      PROXIES.map(async ([title, dataBarS, fault]) => {
        const proxy = await startFaultProxy(port);
        let failing = -1;
        proxy.set(({ head, index }) => {
          if (isStream(head)) return fault;
          if (head !== '' && failing < 0) failing = index;
          return index === failing ? BAD_GATEWAY : {};
        });
        return {
          title,
          dataBarS,
          proxy,
          startedMs: performance.now(),
          sdk: startSdk(proxy.url, key),
          hasFailed: () => failing >= 0,
        };
      }),
    );
    try {
      const untilAll = (/** @type {boolean} */ isOn) => Promise.all(readers.map(({ sdk }) => sdk.until(isOn)));
      const dataMs = await untilAll(true);
      await flip();
      const flippedMs = performance.now();
      const changedMs = await untilAll(false);
      return readers.flatMap(({ title, dataBarS, startedMs, hasFailed }, index) => {
        const [atMs = Number.NaN, laterMs = Number.NaN] = [dataMs[index], changedMs[index]];
        return [
          { title: `proxy ${title}: data after the start`, value: (atMs - startedMs) / 1e3, atMost: dataBarS, unit: 's' },
          { title: `proxy ${title}: first fetches that did not fail`, value: hasFailed() ? 0 : 1, atMost: 0, unit: '' },
          { title: `proxy ${title}: a later change`, value: (laterMs - flippedMs) / 1e3, atMost: POLLED_BAR_S, unit: 's' },
        ];
      });
    } finally {
      for (const { sdk, proxy } of readers) {
        await sdk.close();
        await proxy.close();
      }
    }
  });
}

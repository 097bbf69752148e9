// @ts-check
/** Rows 9 and 10: links that died without a word, seen from either end. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, waitUntil } from '../../scripts/launch.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { readReceipts, readState } from '../delivery/test-bed.mjs';
import { startSdk, untilApplied, withServer } from './bed.mjs';
import { startFaultProxy } from './fault-proxy.mjs';

const { WebSocket } = createRequire(path.join(root, 'apps/server/package.json'))('ws');
const PATIENCE_MS = 90_000;
const AT_ONCE = 32;
/** Longer than a client keeps a connection that it does not use. */
const SETTLE_MS = 6_000;
/** So that whatever opens once is open. */
const WARM_UP = 30;

/** The SDK's link goes silent right after it heard something; a kill follows. */
export function clientSide() {
  return withServer(async ({ target, port, key, flip }) => {
    const proxy = await startFaultProxy(port);
    const sdk = startSdk(proxy.url, key);
    try {
      await sdk.ready();
      await untilApplied(target, 1);
      await flip();
      await sdk.until(true);
      const dead = proxy.connections.length;
      proxy.set(({ index }) => (index < dead ? { stall: 'both' } : {}));
      const stalledMs = performance.now();
      await flip();
      const appliedMs = await sdk.until(false, PATIENCE_MS);
      const stale = sdk.events.find(({ name, atMs }) => name === 'STALE' && atMs > stalledMs);
      return [
        { title: 'dead link noticed', value: ((stale?.atMs ?? Number.NaN) - stalledMs) / 1e3, atMost: 40, unit: 's' },
        { title: 'kill applied', value: (appliedMs - stalledMs) / 1e3, atMost: 45, unit: 's' },
      ];
    } finally {
      await sdk.close();
      await proxy.close();
    }
  });
}

/**
 * Readers whose process is stopped: their kernel goes on acknowledging. And cycles of connections that end in every phase. Descriptors are
 * counted against a server that has had a few of either, before the readers that are stopped.
 */
export function serverSide({ sockets = 1_000, cycles = 10_000 } = {}) {
  return withServer(async ({ target, key, server }) => {
    const url = `${target.url.replace('http', 'ws')}/sync/v1/stream`;
    const child = startChild('sockets.mjs');
    try {
      const have = await readState(target, key);
      const open = (/** @type {string} */ group, /** @type {number} */ count) =>
        child.ask('open', { group, url, count, source: '127.0.0.2', key, have });
      await open('warm-up', WARM_UP);
      await child.ask('close', { group: 'warm-up' });
      for (let made = 0; made < WARM_UP; made += 1) await cycle(url, key, made % 3);
      const before = await settledFiles(server);
      await open('stopped', sockets);
      process.kill(child.pid, 'SIGSTOP');
      const stoppedMs = performance.now();
      await waitUntil(
        async () => (await readReceipts(target)).server.connected === 0,
        PATIENCE_MS,
        () => 'stopped readers to leave the count',
      );
      const goneMs = performance.now() - stoppedMs;
      const left = await settledFiles(server);
      let made = 0;
      const makeSome = async () => {
        for (; made < cycles; made += 1) await cycle(url, key, made % 3);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, makeSome));
      const leaked = (await settledFiles(server)) - left;
      return [
        { title: `${sockets} stopped readers gone from the count`, value: goneMs / 1e3, atMost: 60, unit: 's' },
        { title: 'descriptors more than before they came', value: left - before, atMost: 0, unit: '' },
        { title: `descriptors leaked in ${cycles} cycles`, value: leaked, atMost: 0, unit: '' },
      ];
    } finally {
      await child.stop();
    }
  });
}

/** @param {import('../delivery/probed-server.mjs').ProbedServer} server */
async function settledFiles(server) {
  await sleep(SETTLE_MS);
  return (await server.glance()).files;
}

/**
 * One connection that ends suddenly: while it is let in, before its hello, or after it.
 * @param {string} url
 * @param {string} key
 * @param {number} phase
 */
function cycle(url, key, phase) {
  const socket = new WebSocket(url, ['yardarm.sync.1'], { headers: { authorization: `Bearer ${key}` } });
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', resolve);
    if (phase === 0) setTimeout(() => socket.terminate(), Math.random() * 5);
    socket.on('open', () => {
      if (phase === 1) socket.terminate();
      else socket.send('{"type":"hello","protocol":1,"formats":[1],"sdk":"cycle/1","app":{},"instance":"cycle"}');
    });
    socket.on('message', () => socket.terminate());
  });
}

// @ts-check
/** Row 31: a key is revoked while its sockets are open on three servers, and a change follows at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../scripts/launch.mjs';
import { mustCall } from '../crash/call.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { KEYS_PATH, readState } from '../delivery/test-bed.mjs';
import { withServers } from './bed.mjs';

const SERVERS = 3;
const PATIENCE_MS = 30_000;
/** For frames that should not come. */
const LISTEN_MS = 3_000;

export function revoke({ sockets = 5_000 } = {}) {
  return withServers(SERVERS, async ({ beds }) => {
    const [first] = beds;
    if (first === undefined) throw new Error('A server is needed.');
    const created = await mustCall(first.target, { method: 'POST', path: KEYS_PATH, body: { kind: 'server', name: 'Revoked' } });
    const { id, secret } = /** @type {{ id: string, secret: string }} */ (created.body);
    const child = startChild('sockets.mjs');
    const each = Math.ceil(sockets / SERVERS);
    try {
      for (const [index, { target }] of beds.entries()) {
        const url = `${target.url.replace('http', 'ws')}/sync/v1/stream`;
        const have = await readState(target, secret);
        const source = `127.0.0.${index + 2}`;
        await child.ask('open', { group: `server ${index}`, url, count: each, source, key: secret, have });
      }
      const closed = async () => {
        const counts = await Promise.all(beds.map((_, index) => child.ask('closedOf', { group: `server ${index}` })));
        return sum(counts);
      };
      const open = each * SERVERS;
      await mustCall(first.target, { method: 'DELETE', path: `${KEYS_PATH}/${id}` });
      const revokedMs = performance.now();
      const { revision } = await first.flip();
      await waitUntil(
        async () => (await closed()) === open,
        PATIENCE_MS,
        () => `${open} sockets to close`,
      );
      const closedMs = performance.now() - revokedMs;
      await sleep(LISTEN_MS);
      const newer = await Promise.all(beds.map((_, index) => child.ask('receivedOf', { group: `server ${index}`, revision })));
      return [
        { title: `${open} sockets of a revoked key closed, on three servers`, value: closedMs / 1e3, atMost: 5, unit: 's' },
        { title: 'of them given the change that followed', value: sum(newer), atMost: 0, unit: '' },
      ];
    } finally {
      await child.stop();
    }
  });
}

/** @param {readonly number[]} counts */
function sum(counts) {
  return counts.reduce((total, count) => total + count, 0);
}

// @ts-check
/** Row 31: a key is revoked while its sockets are open on two servers, and a change follows at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../scripts/launch.mjs';
import { mustCall } from '../crash/call.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { KEYS_PATH, readState } from '../delivery/test-bed.mjs';
import { withServers } from './bed.mjs';

const PATIENCE_MS = 30_000;
/** For frames that should not come. */
const LISTEN_MS = 3_000;

export function revoke({ sockets = 5_000 } = {}) {
  return withServers(2, async ({ beds: [first, second] }) => {
    if (first === undefined || second === undefined) throw new Error('Two servers are needed.');
    const created = await mustCall(first.target, { method: 'POST', path: KEYS_PATH, body: { kind: 'server', name: 'Revoked' } });
    const { id, secret } = /** @type {{ id: string, secret: string }} */ (created.body);
    const child = startChild('sockets.mjs');
    try {
      for (const [index, { target }] of [first, second].entries()) {
        const url = `${target.url.replace('http', 'ws')}/sync/v1/stream`;
        const have = await readState(target, secret);
        const source = `127.0.0.${index + 2}`;
        await child.ask('open', { group: `server ${index}`, url, count: Math.ceil(sockets / 2), source, key: secret, have });
      }
      const closed = async () => {
        const each = await Promise.all([0, 1].map((index) => child.ask('closedOf', { group: `server ${index}` })));
        return each[0] + each[1];
      };
      const open = Math.ceil(sockets / 2) * 2;
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
      const newer = await Promise.all([0, 1].map((index) => child.ask('receivedOf', { group: `server ${index}`, revision })));
      return [
        { title: `${open} sockets of a revoked key closed, on two servers`, value: closedMs / 1e3, atMost: 5, unit: 's' },
        { title: 'of them given the change that followed', value: newer[0] + newer[1], atMost: 0, unit: '' },
      ];
    } finally {
      await child.stop();
    }
  });
}

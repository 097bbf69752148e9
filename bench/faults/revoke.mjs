// @ts-check
/**
 * Row 31: a key is revoked while its sockets are open on three servers, and a change follows at once. The key is then worth nothing on
 * any of them: no rules and no kills, and what its readers say they run is not taken either.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../scripts/launch.mjs';
import { mustCall } from '../crash/call.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { KEYS_PATH, readState } from '../delivery/test-bed.mjs';
import { withServers } from './bed.mjs';

const SERVERS = 3;
const REVOKED = 4001;
const PATIENCE_MS = 30_000;
/** For frames that should not come. */
const LISTEN_MS = 3_000;
const READS = ['/sync/v1/ruleset', '/sync/v1/kills'];

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
      const ofAll = async (/** @type {string} */ question, /** @type {object} */ more = {}) =>
        sum(await Promise.all(beds.map((_, index) => child.ask(question, { group: `server ${index}`, ...more }))));
      const open = each * SERVERS;
      const before = await answersOf(beds, secret);
      await mustCall(first.target, { method: 'DELETE', path: `${KEYS_PATH}/${id}` });
      const revokedMs = performance.now();
      const { revision } = await first.flip();
      await waitUntil(
        async () => (await ofAll('closedOf')) === open,
        PATIENCE_MS,
        () => `${open} sockets to close`,
      );
      const closedMs = performance.now() - revokedMs;
      await sleep(LISTEN_MS);
      const after = await answersOf(beds, secret);
      return [
        { title: `${open} sockets of a revoked key closed, on three servers`, value: closedMs / 1e3, atMost: 5, unit: 's' },
        {
          title: 'of them closed for another reason',
          value: open - (await ofAll('closedOf', { code: REVOKED })),
          atMost: 0,
          unit: '',
        },
        { title: 'of them given the change that followed', value: await ofAll('receivedOf', { revision }), atMost: 0, unit: '' },
        {
          title: 'requests refused while the key was good',
          value: before.filter((status) => status >= 300).length,
          atMost: 0,
          unit: '',
        },
        {
          title: `of ${after.length} reads and receipts with it afterwards not refused with 401`,
          value: after.filter((status) => status !== 401).length,
          atMost: 0,
          unit: '',
        },
      ];
    } finally {
      await child.stop();
    }
  });
}

/**
 * The statuses of what can be asked with a key, at each server: what there is to read, and a receipt.
 * @param {readonly import('./bed.mjs').Bed[]} beds
 * @param {string} secret
 */
async function answersOf(beds, secret) {
  const answers = beds.map(async ({ target, key }) => {
    const applied = await readState(target, key);
    const receipt = JSON.stringify({ instance: 'revoked', sdk: 'bench/1', app: {}, applied });
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: receipt };
    const { epoch, revision } = applied;
    const delta = `/sync/v1/deltas/${epoch}/${revision - 1}..${revision}`;
    return Promise.all([
      ...[...READS, delta].map((path) => statusOf(`${target.url}${path}`, secret)),
      statusOf(`${target.url}/sync/v1/applied`, secret, post),
    ]);
  });
  return (await Promise.all(answers)).flat();
}

/** @param {string} url @param {string} secret @param {RequestInit} [init] */
async function statusOf(url, secret, init = {}) {
  const response = await fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${secret}` } });
  await response.body?.cancel();
  return response.status;
}

/** @param {readonly number[]} counts */
function sum(counts) {
  return counts.reduce((total, count) => total + count, 0);
}

// @ts-check
/**
 * Row 7: PostgreSQL answers nothing in time. Somebody holds the head of the environment, so that every edit waits; then a backend is
 * stopped under its connection. Rule sets are read all along, in turns with and without that, from a process that does nothing else; and
 * as many people want to edit in both turns, so that what is compared is the fault and not how busy two cores are. Meanwhile keys are revoked,
 * as another server does it, whose readers leave all the same. Before all that a backend is stopped that the server polls through.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, waitUntil } from '../../scripts/launch.mjs';
import { call, mustCall } from '../crash/call.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { FLAGS_PATH, KEYS_PATH, readState } from '../delivery/test-bed.mjs';
import { quantile } from '../flip/statistics.mjs';
import { withServers } from './bed.mjs';

const postgres = createRequire(path.join(root, 'apps/server/package.json'))('postgres');
/** More than the pool has connections. */
const WRITERS = 40;
/** Each: longer where the answer takes longer. */
const EDIT_EVERY_MS = 1_000;
const STOPPED_MS = 12_000;
const PATIENCE_MS = 30_000;
/** After that a request is answered, and a kill, which waits longer for its lock: docs/operations.md#time-limits-and-load. */
const REQUEST_BAR_S = 8.5;
const KILL_BAR_S = 14.5;
const REVOKED_BAR_S = 5;
/** Where the poll that would see it is swallowed: it is given up after 5 s, and the next one begins within one. */
const SWALLOWED_BAR_S = 8;
const SETTLE_MS = 200;
const QUIET_MS = 2_500;

/** `comparesLatency`: of rule sets, in rounds with and without the lock. `wayS`: what a request takes to the server and back, at most. */
export function slowDatabase({ rounds = 10, roundMs = 4_000, comparesLatency = true, wayS = 0.25 } = {}) {
  return withServers(1, async ({ beds, postgres: { url } }) => {
    const { target, key } = /** @type {import('./bed.mjs').Bed} */ (beds[0]);
    const sql = postgres(url, { max: 2, onnotice: () => undefined });
    const reads = { with: /** @type {number[]} */ ([]), without: /** @type {number[]} */ ([]), failed: 0 };
    /** @type {{ isKill: boolean, tookMs: number, status: number }[]} */
    const edits = [];
    /** @type {string[]} */
    const givenUp = [];
    const reader = startChild('../faults/rule-set-reader.mjs');
    const keyed = startChild('sockets.mjs');
    /** @type {number[]} */
    const leftMs = [];
    /** @returns {Promise<(afterMs: number) => Promise<void>>} revokes the key of a reader, and waits for it to leave */
    const openRevocable = async () => {
      const made = await mustCall(target, { method: 'POST', path: KEYS_PATH, body: { kind: 'server', name: 'Revoked' } });
      const { id, secret } = /** @type {{ id: string, secret: string }} */ (made.body);
      const url = `${target.url.replace('http', 'ws')}/sync/v1/stream`;
      const opening = { group: id, url, count: 1, source: '127.0.0.2', key: secret, have: await readState(target, secret) };
      await keyed.ask('open', opening);
      return async (afterMs) => {
        await sleep(afterMs);
        await sql`update sdk_keys set revoked_at = now() where id = ${id}`;
        const revokedMs = performance.now();
        await waitUntil(
          async () => (await keyed.ask('closedOf', { group: id })) === 1,
          PATIENCE_MS,
          () => 'the reader of a revoked key to leave',
        );
        leftMs.push(performance.now() - revokedMs);
      };
    };
    const read = async (/** @type {number[]} */ into, /** @type {number} */ forMs) => {
      const { tookMs, failed } = await reader.ask('read', { url: target.url, key, forMs });
      into.push(...tookMs);
      reads.failed += failed;
    };
    const edit = async (/** @type {number} */ index, /** @type {number} */ untilMs) => {
      await sleep((index / WRITERS) * EDIT_EVERY_MS);
      for (let isOn = false; performance.now() < untilMs; isOn = !isOn) {
        const sentMs = performance.now();
        const at = `${FLAGS_PATH}/flag-${index}/environments/production/${isOn ? 'kill' : 'unkill'}`;
        const { status, body } = await call(target, { method: 'POST', path: at, body: {}, patienceMs: PATIENCE_MS });
        edits.push({ isKill: isOn, tookMs: performance.now() - sentMs, status });
        const { error } = /** @type {{ error?: { code: string, requestId: string } }} */ (body ?? {});
        if (error?.code === 'unavailable') givenUp.push(error.requestId);
        await sleep(Math.max(0, Math.min(sentMs + EDIT_EVERY_MS, untilMs) - performance.now()));
      }
    };
    const editAndRead = async (/** @type {number[]} */ into, /** @type {number} */ forMs) => {
      const untilMs = performance.now() + forMs;
      await Promise.all([read(into, forMs), ...Array.from({ length: WRITERS }, (_, index) => edit(index, untilMs))]);
    };
    try {
      const revokeSwallowed = await openRevocable();
      // The pool gives what is asked to the connection that was used last: in a quiet second, to that of the poll.
      await sleep(QUIET_MS);
      const [polled] = await sql`
        select pid from pg_stat_activity
        where datname = current_database() and application_name ~ '^yardarm delivery [0-9a-f]{8}$'
        order by state_change desc limit 1`;
      process.kill(polled?.pid, 'SIGSTOP');
      try {
        await revokeSwallowed(0);
      } finally {
        process.kill(polled?.pid, 'SIGCONT');
      }
      const swallowedMs = leftMs.pop() ?? Number.NaN;
      for (let round = 0; round < rounds; round += 1) {
        if (comparesLatency) await editAndRead(reads.without, roundMs);
        const revoke = await openRevocable();
        await sql.begin(async (/** @type {import('postgres').Sql} */ tx) => {
          await tx`select * from environment_heads for update`;
          await Promise.all([editAndRead(reads.with, roundMs), revoke(roundMs / 2)]);
        });
        // What waited for the lock has its turn.
        await sleep(SETTLE_MS);
      }
      const [backend] = await sql`
        select pid from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name ~ '^yardarm [0-9a-f]{8}$' limit 1`;
      const revoke = await openRevocable();
      process.kill(backend?.pid, 'SIGSTOP');
      try {
        await Promise.all([editAndRead(reads.with, STOPPED_MS), revoke(STOPPED_MS / 2)]);
      } finally {
        process.kill(backend?.pid, 'SIGCONT');
      }
      await waitUntil(
        async () =>
          (
            await sql`select 1 from pg_stat_activity where datname = current_database() and application_name ~ '^yardarm( kills)? [0-9a-f]{8}$' and state <> 'idle'`
          ).length === 0,
        PATIENCE_MS,
        () => 'everything that was under way to end',
      );
      const madeLater = await sql`select 1 from change_sets where request_id = any(${givenUp})`;
      const unexpected = edits.filter(({ status }) => status !== 200 && status !== 503).length;
      const slowestS = (/** @type {boolean} */ ofKills) =>
        Math.max(...edits.filter(({ isKill }) => isKill === ofKills).map(({ tookMs }) => tookMs)) / 1e3;
      const measures = [
        {
          title: `slowest of ${edits.length} edits, kills apart`,
          value: slowestS(false),
          atMost: REQUEST_BAR_S + wayS,
          unit: 's',
        },
        { title: 'slowest kill', value: slowestS(true), atMost: KILL_BAR_S + wayS, unit: 's' },
        {
          title: `until the reader of a key that was revoked meanwhile had left, slowest of ${leftMs.length}`,
          value: Math.max(...leftMs) / 1e3,
          atMost: REVOKED_BAR_S,
          unit: 's',
        },
        {
          title: 'the same, where the connection that is polled through fell silent',
          value: swallowedMs / 1e3,
          atMost: SWALLOWED_BAR_S,
          unit: 's',
        },
        { title: 'edits that were neither done nor refused with 503', value: unexpected, atMost: 0, unit: '' },
        {
          title: `changes that were made although ${givenUp.length} were answered as not made`,
          value: madeLater.length,
          atMost: 0,
          unit: '',
        },
        { title: `rule sets that were not served, of ${reads.with.length}`, value: reads.failed, atMost: 0, unit: '' },
      ];
      if (comparesLatency) {
        for (const share of [0.5, 0.99]) {
          const ratio = quantile(reads.with, share) / quantile(reads.without, share);
          measures.push({ title: `rule sets, p${share * 100} with by without`, value: ratio, atMost: 1.1, unit: 'times' });
        }
      }
      return measures;
    } finally {
      await Promise.all([sql.end({ timeout: 1 }), reader.stop(), keyed.stop()]);
    }
  });
}

// @ts-check
/**
 * Row 7: PostgreSQL answers nothing in time. Somebody holds the head of the environment, so that every edit waits; then a backend is
 * stopped under its connection. Rule sets are read all along, in turns with and without that, from a process that does nothing else; and
 * as many people want to edit in both turns, so that what is compared is the fault and not how busy two cores are.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, waitUntil } from '../../scripts/launch.mjs';
import { call } from '../crash/call.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { FLAGS_PATH } from '../delivery/test-bed.mjs';
import { quantile } from '../flip/statistics.mjs';
import { withServers } from './bed.mjs';

const postgres = createRequire(path.join(root, 'apps/server/package.json'))('postgres');
/** More than the pool has connections. */
const WRITERS = 40;
/** Each: longer where the answer takes longer. */
const EDIT_EVERY_MS = 1_000;
const STOPPED_MS = 12_000;
const PATIENCE_MS = 30_000;
const REQUEST_BAR_S = 10;
/** It waits 10 s for a lock that an edit gives up after two. */
const KILL_BAR_S = 15;
const SETTLE_MS = 200;

/** `comparesLatency`: of rule sets, in rounds with and without the lock. */
export function slowDatabase({ rounds = 10, roundMs = 4_000, comparesLatency = true } = {}) {
  return withServers(1, async ({ beds, postgres: { url } }) => {
    const { target, key } = /** @type {import('./bed.mjs').Bed} */ (beds[0]);
    const sql = postgres(url, { max: 2, onnotice: () => undefined });
    const reads = { with: /** @type {number[]} */ ([]), without: /** @type {number[]} */ ([]), failed: 0 };
    /** @type {{ isKill: boolean, tookMs: number, status: number }[]} */
    const edits = [];
    /** @type {string[]} */
    const givenUp = [];
    const reader = startChild('../faults/rule-set-reader.mjs');
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
      for (let round = 0; round < rounds; round += 1) {
        if (comparesLatency) await editAndRead(reads.without, roundMs);
        await sql.begin(async (/** @type {import('postgres').Sql} */ tx) => {
          await tx`select * from environment_heads for update`;
          await editAndRead(reads.with, roundMs);
        });
        // What waited for the lock has its turn.
        await sleep(SETTLE_MS);
      }
      const [backend] = await sql`
        select pid from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name = 'yardarm' limit 1`;
      process.kill(backend?.pid, 'SIGSTOP');
      try {
        await editAndRead(reads.with, STOPPED_MS);
      } finally {
        process.kill(backend?.pid, 'SIGCONT');
      }
      await waitUntil(
        async () =>
          (
            await sql`select 1 from pg_stat_activity where datname = current_database() and application_name in ('yardarm', 'yardarm kills') and state <> 'idle'`
          ).length === 0,
        PATIENCE_MS,
        () => 'everything that was under way to end',
      );
      const madeLater = await sql`select 1 from change_sets where request_id = any(${givenUp})`;
      const unexpected = edits.filter(({ status }) => status !== 200 && status !== 503).length;
      const slowestS = (/** @type {boolean} */ ofKills) =>
        Math.max(...edits.filter(({ isKill }) => isKill === ofKills).map(({ tookMs }) => tookMs)) / 1e3;
      const measures = [
        { title: `slowest of ${edits.length} edits, kills apart`, value: slowestS(false), atMost: REQUEST_BAR_S, unit: 's' },
        { title: 'slowest kill', value: slowestS(true), atMost: KILL_BAR_S, unit: 's' },
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
      await Promise.all([sql.end({ timeout: 1 }), reader.stop()]);
    }
  });
}

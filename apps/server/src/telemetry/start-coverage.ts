/** Measures, a few times a minute, how many of this server's readers report, and tells all servers. Nothing waits for it. */
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../db/client.ts';
import { createOutageLog } from '../observability/outage-log.ts';
import { identityOf, measureCoverage, type Reader } from './coverage.ts';
import {
  COVERAGE_EVERY_MS,
  endCoverage,
  findHeard,
  replicaOf,
  SETTLED_AFTER_MS,
  takePlace,
  writeCoverage,
} from './coverage-store.ts';
import { createSilentTimes } from './silent-times.ts';

/** Readers looked at between two turns of others. */
const CHUNK = 500;
/** Asked of the database at once. */
const MAX_ASKED = 5_000;
/** An SDK says each hour that it is there: two of these may be lost on their way, with the wait after each. */
const HEARD_WITHIN_MS = 2.5 * 3_600_000;
/** Whoever was heard is asked about again after so long. */
const ASK_AGAIN_MS = 1.5 * 3_600_000;
const CLOSE_PATIENCE_MS = 1_000;

export interface CoverageOptions {
  readonly db: Database;
  /** Of this server alone, and the same after a restart; null: each start is another server, and nobody knows whether the last one is gone. */
  readonly name: string | null;
  readonly readers: () => Iterable<Reader>;
  /** The database's clock, epoch milliseconds. */
  readonly databaseNow: () => number;
  readonly everyMs?: number;
  readonly log: FastifyBaseLogger;
}

export interface Coverage {
  close(): Promise<void>;
}

export function startCoverage({ db, name, readers, databaseNow, everyMs = COVERAGE_EVERY_MS, log }: CoverageOptions): Coverage {
  const ending = new AbortController();
  /** Of those connected that report: when each was last heard, as far as it was asked. */
  let heard = new Map<string, number>();
  const silentTimes = createSilentTimes();
  let patientUntilMs = 0;
  const outage = createOutageLog(
    log,
    'which instances report telemetry could not be written, trying on',
    'which instances report telemetry is written again',
  );
  const replica = replicaOf(name);
  let hasBegun = false;

  async function turn(): Promise<void> {
    const nowMs = databaseNow();
    // Nobody can report while the database is away, and SDKs are back at it within minutes.
    if (outage.isFailing()) patientUntilMs = nowMs + SETTLED_AFTER_MS;
    const all: { readonly reader: Reader; readonly identity: string }[] = [];
    const due: Reader[] = [];
    const unknown: Reader[] = [];
    const still = new Map<string, number>();
    for (const reader of readers()) {
      const identity = identityOf(reader);
      all.push({ reader, identity });
      const heardAtMs = heard.get(identity);
      if (heardAtMs !== undefined && (nowMs - heardAtMs < HEARD_WITHIN_MS || nowMs < patientUntilMs)) {
        still.set(identity, heardAtMs);
        if (nowMs - heardAtMs > ASK_AGAIN_MS && due.length < MAX_ASKED) due.push(reader);
      } else if (unknown.length < MAX_ASKED) unknown.push(reader);
      if (all.length % CHUNK === 0) await setImmediate();
    }
    for (const asked of [due, unknown])
      for (const [identity, heardAtMs] of await findHeard(db, asked))
        if (nowMs - heardAtMs < HEARD_WITHIN_MS) still.set(identity, heardAtMs);
    heard = still;
    silentTimes.dropOld(nowMs);
    const byEnvironment = new Map<string, Reader[]>();
    const reporting = new Set<Reader>();
    let looked = 0;
    for (const { reader, identity } of all) {
      const isHeard = heard.has(identity);
      if (isHeard) {
        reporting.add(reader);
        silentTimes.forget(identity);
      }
      const counted = isHeard ? reader : silentTimes.note(reader, nowMs);
      const known = byEnvironment.get(reader.environmentId);
      if (known === undefined) byEnvironment.set(reader.environmentId, [counted]);
      else known.push(counted);
      if (++looked % CHUNK === 0) await setImmediate();
    }
    const rows = [];
    for (const [environmentId, those] of byEnvironment) {
      rows.push({ environmentId, coverage: await measureCoverage(those, (reader) => reporting.has(reader), databaseNow()) });
      await setImmediate();
    }
    if (!hasBegun && name !== null) await takePlace(db, replica);
    hasBegun = true;
    await writeCoverage(db, replica, rows);
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      await delay(everyMs, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
      if (ending.signal.aborted) return;
      try {
        await turn();
        outage.works();
      } catch (error) {
        outage.failed(error);
      }
    }
  }
  const running = run();
  return {
    close: async () => {
      ending.abort();
      const ended = running.then(() => endCoverage(db, replica)).catch(() => undefined);
      await Promise.race([ended, delay(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}

/** Measures, a few times a minute, how many of this server's readers report, and tells all servers. Nothing waits for it. */
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../db/client.ts';
import { identityOf, measureCoverage, type Reader } from './coverage.ts';
import { COVERAGE_EVERY_MS, endCoverage, findReporting, replicaOf, takePlace, writeCoverage } from './coverage-store.ts';

/** Readers looked at between two turns of others. */
const CHUNK = 500;
/** Asked of the database at once. */
const MAX_ASKED = 5_000;
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
  /** Of those connected: whoever has reported once does report. */
  let reporting = new Set<string>();
  let failing = false;
  const replica = replicaOf(name);
  let hasBegun = false;

  async function turn(): Promise<void> {
    const byEnvironment = new Map<string, Reader[]>();
    const unknown: Reader[] = [];
    const still = new Set<string>();
    let looked = 0;
    for (const reader of readers()) {
      const identity = identityOf(reader);
      if (reporting.has(identity)) still.add(identity);
      else if (unknown.length < MAX_ASKED) unknown.push(reader);
      const known = byEnvironment.get(reader.environmentId);
      if (known === undefined) byEnvironment.set(reader.environmentId, [reader]);
      else known.push(reader);
      if (++looked % CHUNK === 0) await setImmediate();
    }
    reporting = still;
    for (const identity of await findReporting(db, unknown)) reporting.add(identity);
    const rows = [];
    for (const [environmentId, all] of byEnvironment) {
      const coverage = await measureCoverage(all, (reader) => reporting.has(identityOf(reader)), databaseNow());
      rows.push({ environmentId, coverage });
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
        failing = false;
      } catch (error) {
        if (!failing) log.warn({ err: error }, 'which instances report telemetry could not be written, trying on');
        failing = true;
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

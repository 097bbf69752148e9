/**
 * Which instances are connected, of all servers together, and how fast changes reach them. Apart from what delivers: a few times a
 * minute one pass over the readers, in pieces, and one write. Nothing waits for it.
 */
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { Fleet } from '@yardarm/contract';
import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../db/client.ts';
import { createOutageLog } from '../observability/outage-log.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { type Arrival, createConvergenceLog } from './convergence-log.ts';
import { type FleetMeasure, type FleetReader, mergeFleets, startMeasure } from './fleet.ts';
import { addConvergence, FLEET_EVERY_MS, forgetFleets, readOtherFleets, type WrittenFleet, writeFleets } from './fleet-store.ts';

/** Readers looked at between two turns of others. */
const CHUNK = 500;
const CLOSE_PATIENCE_MS = 1_000;

export interface FleetOptions {
  readonly db: Database;
  /** Identity of this server, made anew by each start. */
  readonly replica: string;
  readonly readers: () => Iterable<FleetReader>;
  /** The database's clock, epoch milliseconds. */
  readonly databaseNow: () => number;
  readonly everyMs?: number;
  readonly log: FastifyBaseLogger;
}

export interface StartedFleet {
  /** An instance that was connected at a commit runs it. */
  noteArrival(arrival: Arrival): void;
  /** Of all servers, or of this one alone while the database is away. */
  read(served: ServedEnvironment): Promise<Fleet>;
  close(): Promise<void>;
}

export function startFleet({ db, replica, readers, databaseNow, everyMs = FLEET_EVERY_MS, log }: FleetOptions): StartedFleet {
  const ending = new AbortController();
  const arrivals = createConvergenceLog();
  const outage = createOutageLog(
    log,
    'which instances are connected could not be written, trying on',
    'which instances are connected is written again',
  );
  /** Whether rows of this server may be there. */
  let told = false;

  async function measure(only?: string): Promise<ReadonlyMap<string, FleetMeasure>> {
    const measures = new Map<string, FleetMeasure>();
    let looked = 0;
    for (const reader of readers()) {
      if (++looked % CHUNK === 0) await setImmediate();
      const { environmentId } = reader;
      if (only !== undefined && environmentId !== only) continue;
      const known = measures.get(environmentId) ?? startMeasure();
      measures.set(environmentId, known);
      known.add(reader);
    }
    return measures;
  }

  async function tellFleets(): Promise<void> {
    const rows: WrittenFleet[] = [];
    for (const [environmentId, { result }] of await measure()) rows.push({ environmentId, fleet: result() });
    if (rows.length === 0 && !told) return;
    await writeFleets(db, replica, rows);
    told = rows.length > 0;
  }

  async function tellArrivals(): Promise<void> {
    const rows = arrivals.take();
    try {
      await addConvergence(db, rows);
    } catch (error) {
      arrivals.putBack(rows);
      throw error;
    }
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      await delay(everyMs, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
      try {
        await tellArrivals();
        if (ending.signal.aborted) return;
        await tellFleets();
        outage.works();
      } catch (error) {
        outage.failed(error);
      }
    }
  }
  const running = run();

  return {
    noteArrival: (arrival) => arrivals.note(arrival, databaseNow()),
    read: async ({ rules: { environmentId, environment }, views }) => {
      const own = ((await measure(environmentId)).get(environmentId) ?? startMeasure()).result();
      const others = await readOtherFleets(db, replica, environmentId).catch(() => null);
      const known = (others ?? []).flatMap((fleet) => fleet ?? []);
      return {
        ...{ environment, revision: views.server.state.revision, ...mergeFleets([own, ...known]) },
        replicas: { count: 1 + (others?.length ?? 0), complete: known.length === others?.length },
      };
    },
    close: async () => {
      ending.abort();
      const forgotten = running.then(() => forgetFleets(db, replica)).catch(() => undefined);
      await Promise.race([forgotten, delay(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}

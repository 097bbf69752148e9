/**
 * One simulated world from its seed: servers, one store and SDKs, faults for a while, then peace. What must hold is
 * checked after every event (oracle.ts); at the end everybody must have met at the newest state, and a kill must arrive.
 */
import type { View } from '@yardarm/sync';
import { BUGS, type Bug, type BugName } from './bugs.ts';
import { createDatabase } from './database.ts';
import { killAny, randomEdit } from './edits.ts';
import { startFaults } from './faults.ts';
import { createNetwork, type Network } from './network.ts';
import { createOracle, isOff } from './oracle.ts';
import { createSdk, type SimulatedSdk } from './sdk.ts';
import { createServer } from './server.ts';
import { createWorld, type WorldOutcome } from './world.ts';

/** The longest that an SDK waits of its own accord is 5 minutes; after that it takes seconds. */
const SETTLE_MS = 6 * 60_000;
const CALM_MS = 1_000;
/** A notification that arrives takes milliseconds; one that does not is made up for within a second. */
const KILL_MS = 2_500;

export interface SimulationOptions {
  readonly seed: number;
  readonly bug?: BugName | undefined;
  readonly trace?: boolean;
}

export interface SimulationOutcome extends WorldOutcome {
  readonly seed: number;
  /** From the end of the faults until everybody had met; null where they did not. */
  readonly settledMs: number | null;
  readonly revisions: number;
}

export async function simulate({ seed, bug: bugName, trace = false }: SimulationOptions): Promise<SimulationOutcome> {
  const bug: Bug = bugName === undefined ? {} : BUGS[bugName];
  const world = createWorld(seed, trace);
  const { random } = world;
  const deaf = new Set<string>();
  const database = createDatabase(world, notify);
  const sdks: SimulatedSdk[] = [];
  const servers = names('server', random.between(1, 3)).map((name) =>
    createServer({ world, name, database, polls: bug.polls ?? true }),
  );
  const network: Network = createNetwork({ world, servers, bufferedBytes: bug.bufferedBytes ?? ((bytes) => bytes) });
  const oracle = createOracle({ world, database, network: () => network, sdks: () => sdks });
  const unreadable = random.chance(0.3);
  for (const name of names('sdk', random.between(1, 5))) {
    const view: View = random.chance(0.3) ? 'client' : 'server';
    // Of what it cannot read an SDK keeps the last good body, which the log does not have at that revision.
    const keeps = !unreadable && random.chance(0.5);
    sdks.push(createSdk({ world, name, view, network, observer: oracle, bug, keeps }));
  }
  const paddingChars = random.pick([0, 0, 200, 10_000]);
  const harmMs = random.pick([15_000, 45_000, 120_000]);
  const meanEditGapMs = harmMs / random.pick([10, 50, 150]);
  let editing = true;

  function notify(): void {
    for (const server of servers) {
      if (deaf.has(server.name)) world.happened('notification lost');
      else world.after(random.between(1, 5), server.notified);
    }
  }

  function editOptions() {
    const { revision, bodies } = database.head();
    return { revision: revision + 1, before: bodies, paddingChars, unreadable };
  }

  /** Through one of the servers that can reach the store, which serves it at once, or through another one that nobody here reads from. */
  function commit(objects: Parameters<typeof database.commit>[0]): void {
    const through = random.any(servers.filter((server) => server.isUp() && database.canBeReachedBy(server.name)));
    if (database.commit(objects) && random.chance(0.7)) through?.committed();
  }

  function editLater(): void {
    world.after(random.between(1, 2 * meanEditGapMs), () => {
      if (!editing) return;
      commit(randomEdit(random, editOptions()));
      editLater();
    });
  }

  world.note(`${servers.length} servers, ${sdks.length} SDKs`);
  for (let count = random.between(0, 8); count > 0; count--) database.commit(randomEdit(random, editOptions()));
  for (const server of servers) server.start();
  for (const sdk of sdks) world.after(random.between(0, 3_000), sdk.start);
  editLater();
  const setDeaf = (server: string, isDeaf: boolean) => void (isDeaf ? deaf.add(server) : deaf.delete(server));
  const faults = startFaults({ world, database, network, servers, sdks, setDeaf });
  await world.run({ atMs: harmMs, afterEach: oracle.check });

  const outcome = (settledMs: number | null) => ({ seed, settledMs, revisions: database.head().revision, ...world.outcome() });
  if (world.outcome().violations.length > 0) return outcome(null);
  editing = false;
  faults.heal();
  const healedMs = world.nowMs();
  const isSettled = () => sdks.every((sdk) => oracle.lack(sdk) === null && isConnected(network, sdk));
  do {
    await world.run({ atMs: healedMs + SETTLE_MS, afterEach: oracle.check, isDone: isSettled });
    // Whoever has just connected is welcomed by then, and what was on its way has arrived.
    await world.run({ atMs: world.nowMs() + CALM_MS, afterEach: oracle.check });
  } while (!isSettled() && world.nowMs() < healedMs + SETTLE_MS && world.outcome().violations.length === 0);
  if (world.outcome().violations.length > 0) return outcome(null);
  for (const sdk of sdks) {
    const lack = oracle.lack(sdk) ?? (isConnected(network, sdk) ? null : 'is not connected');
    if (lack !== null) world.violate(`${sdk.name} ${lack}, ${SETTLE_MS / 1000} s after the last fault`);
  }
  if (!isSettled()) return outcome(null);
  const settledMs = world.nowMs() - healedMs - CALM_MS;

  const [killed] = killAny(random, editOptions());
  if (killed !== undefined) {
    commit([killed]);
    await world.run({ atMs: world.nowMs() + KILL_MS, afterEach: oracle.check });
    for (const sdk of sdks) {
      // A reader that hardly reads has until its server gives it up, which no calm shortens.
      if (network.links().some((link) => link.sdk === sdk.name && link.isSlow())) continue;
      const sees = sdk.store()?.entries.has(`flag:${killed.key}`) === true;
      if (sees && !isOff(sdk.store(), killed.key)) world.violate(`${sdk.name} does not know that ${killed.key} was killed`);
    }
  }
  return outcome(settledMs);
}

function isConnected(network: Network, sdk: SimulatedSdk): boolean {
  return network.links().some((link) => link.sdk === sdk.name && link.isSound() && link.isWelcomed());
}

function names(what: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${what}-${index + 1}`);
}

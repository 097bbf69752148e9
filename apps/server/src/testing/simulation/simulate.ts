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
import { startPage } from './page.ts';
import { createReceiptOracle } from './receipt-oracle.ts';
import { createSdk, type SdkObserver, type SimulatedSdk } from './sdk.ts';
import { createServer } from './server.ts';
import { createWorld, type WorldOutcome } from './world.ts';

/** The longest that an SDK waits of its own accord is 5 minutes; after that it takes seconds. */
const SETTLE_MS = 6 * 60_000;
const CALM_MS = 1_000;
/** The longest that a frame was held up on its way while frames were. */
const LATE_MS = 2_100;
/** In one of so many worlds the last SDK has no stream. Not by the dice: all others stay what they are. */
const STREAMLESS_EVERY = 4;
/** In as many, but others, the first SDK is a page that is hidden and looked at again. */
const PAGE_REMAINDER = 2;
/** In one of so many all SDKs start again from their files, with bodies among them that they could not read. By chance hardly any would. */
const KEEPING_EVERY = 3;
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
    createServer({ world, name, database, bug, onCounted: () => receipts.counted(name) }),
  );
  const streamless = new Set<string>();
  const network: Network = createNetwork({
    ...{ world, servers, streamless },
    bufferedBytes: bug.bufferedBytes ?? ((bytes) => bytes),
    posted: (server, view, receipt) => receipts.posted(server, view, receipt),
  });
  const oracle = createOracle({ world, database, network: () => network, sdks: () => sdks });
  const receipts = createReceiptOracle({ world, database, network: () => network, servers: () => servers, sdks: () => sdks });
  const observer: SdkObserver = {
    ...oracle,
    stored: receipts.stored,
    started: (sdk, kept) => {
      oracle.started(sdk, kept);
      if (kept !== null) receipts.stored(sdk, kept);
    },
  };
  const isKeeping = seed % KEEPING_EVERY === 0;
  const unreadable = random.chance(0.3) || isKeeping;
  for (const name of names('sdk', random.between(1, 5))) {
    const view: View = random.chance(0.3) ? 'client' : 'server';
    const keeps = random.chance(0.5) || isKeeping;
    sdks.push(createSdk({ world, name, view, network, observer, bug, keeps }));
  }
  const last = sdks.at(-1);
  if (seed % STREAMLESS_EVERY === 0 && last !== undefined) streamless.add(last.name);
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
  const [first] = sdks;
  const isPage = seed % STREAMLESS_EVERY === PAGE_REMAINDER && first !== undefined;
  const endPage = isPage ? startPage({ world, sdk: first, seed }) : () => {};
  await world.run({ atMs: harmMs, afterEach: check });

  const outcome = (settledMs: number | null) => ({ seed, settledMs, revisions: database.head().revision, ...world.outcome() });
  if (world.outcome().violations.length > 0) return outcome(null);
  editing = false;
  faults.heal();
  endPage();
  const healedMs = world.nowMs();
  await settle(() => lacking() ?? sdks.map(receipts.untold).find((lack) => lack !== null) ?? null);
  if (world.outcome().violations.length > 0) return outcome(null);
  const settledMs = world.nowMs() - healedMs - CALM_MS;
  if (world.nowMs() < healedMs + LATE_MS) await world.run({ atMs: healedMs + LATE_MS, afterEach: check });

  const [killed] = killAny(random, editOptions());
  commit(killed === undefined ? [] : [killed]);
  await world.run({ atMs: world.nowMs() + KILL_MS, afterEach: check });
  if (killed !== undefined) for (const sdk of sdks) if (!isSlow(sdk)) checkKill(sdk, killed.key);
  await settle(() => lacking() ?? receipts.miscount());
  if (isKeeping) for (const sdk of sdks) sdk.restart();
  check();
  return outcome(settledMs);

  function check(): void {
    oracle.check();
    receipts.check();
  }

  /** Lets things happen until nothing is wrong any more, and a moment longer. */
  async function settle(wrong: () => string | null): Promise<void> {
    const untilMs = world.nowMs() + SETTLE_MS;
    const isDone = () => wrong() === null;
    do {
      await world.run({ atMs: untilMs, afterEach: check, isDone });
      // Whoever has just connected is welcomed by then, and what was on its way has arrived.
      await world.run({ atMs: world.nowMs() + CALM_MS, afterEach: check });
    } while (!isDone() && world.nowMs() < untilMs && world.outcome().violations.length === 0);
    const what = world.outcome().violations.length > 0 ? null : wrong();
    if (what !== null) world.violate(`${what}, ${SETTLE_MS / 1000} s after the last fault or change`);
  }

  function lacking(): string | null {
    for (const sdk of sdks) {
      const lack = oracle.lack(sdk) ?? (isConnected(sdk) ? null : 'is not connected');
      if (lack !== null) return `${sdk.name} ${lack}`;
    }
    return null;
  }

  /** As far as it can be. */
  function isConnected({ name }: SimulatedSdk): boolean {
    if (network.isStreamless(name)) return true;
    return network.links().some((link) => link.sdk === name && link.isSound() && link.isWelcomed());
  }

  /** A reader that hardly reads has until its server gives it up, which no calm shortens; one without a stream, until it polls. */
  function isSlow({ name }: SimulatedSdk): boolean {
    return network.isStreamless(name) || network.links().some((link) => link.sdk === name && link.isSlow());
  }

  function checkKill(sdk: SimulatedSdk, key: string): void {
    const sees = sdk.store()?.entries.get(`flag:${key}`) !== undefined;
    if (sees && !isOff(sdk.store(), key)) world.violate(`${sdk.name} does not know that ${key} was killed`);
  }
}

function names(what: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${what}-${index + 1}`);
}

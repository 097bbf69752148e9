/**
 * What must hold in every simulated world, whatever happened in it. Looks at each SDK after each event and holds it against
 * the log of the store; knows of the network only which kills it delivered.
 */
import { resolve } from '@yardarm/evaluator';
import { APPLIED_PATH, compareStates, KILLS_PATH, RULE_SET_PATH, type Store } from '@yardarm/sync';
import type { SimulatedDatabase } from './database.ts';
import { answerOfBody, answersOf, comparable, type Expected, expectedOf } from './expected.ts';
import { createMemory, type Memory } from './last-good.ts';
import type { Network } from './network.ts';
import type { SdkObserver, SimulatedSdk } from './sdk.ts';
import type { World } from './world.ts';

/**
 * Above 64 KiB of unsent bytes a server adds nothing; up to there it may add a delta of 64 KiB, and a few small frames.
 */
const MAX_SERVER_BYTES = 2 * 64 * 1024 + 4 * 1024;
/** A dead connection is noticed after 37.5 s; until then an SDK adds at most ten receipts of 200 bytes a second. */
const MAX_SDK_BYTES = 96 * 1024;
/** One for the next thing due, one for the next instant of a time rule. */
const MAX_TIMERS = 2;
/** The first request, one after a lost connection, one resync, and a poll. */
const MAX_REQUESTS_IN_10_S = 4;

export interface Oracle extends Omit<SdkObserver, 'stored'> {
  /** To be called after every event. */
  check(): void;
  /** What this SDK lacks of the newest state; null when nothing. */
  lack(sdk: SimulatedSdk): string | null;
}

interface Watched {
  seen: Store | null;
  /** Kills arrived since the last look: what is held may be the same, and right no longer. */
  unsettled: boolean;
  memory: Memory;
  /** Digest of what it started from, where that has last good bodies in place of the log's. */
  digestOfFile: string | null;
  answers: ReadonlyMap<string, string> | null;
  /** Flags whose answers the SDK said had changed, since the last look. */
  announced: Set<string>;
  /** By path; deltas count as rule sets. */
  readonly requestsMs: Map<string, readonly number[]>;
}

export interface OracleOptions {
  readonly world: World;
  readonly database: SimulatedDatabase;
  readonly network: () => Network;
  readonly sdks: () => readonly SimulatedSdk[];
}

export function createOracle({ world, database, network, sdks }: OracleOptions): Oracle {
  const watched = new Map<string, Watched>();
  const expected = new Map<string, Expected>();
  /** What was known of an SDK when it wrote its file, by its name. */
  const files = new Map<string, Memory>();

  function watch({ name }: SimulatedSdk): Watched {
    const known = watched.get(name);
    if (known !== undefined) return known;
    const begun: Watched = {
      seen: null,
      unsettled: false,
      memory: createMemory(),
      digestOfFile: null,
      answers: null,
      announced: new Set(),
      requestsMs: new Map(),
    };
    watched.set(name, begun);
    return begun;
  }

  /** Undefined for a state that never was. */
  function expect({ view }: SimulatedSdk, state: { readonly epoch: string; readonly revision: number }): Expected | undefined {
    const name = `${view} ${state.epoch}.${state.revision}`;
    const known = expected.get(name);
    if (known !== undefined) return known;
    const logged = database.at(state);
    if (logged === undefined) return undefined;
    const made = expectedOf(logged, view);
    expected.set(name, made);
    return made;
  }

  function checkSdk(sdk: SimulatedSdk): void {
    if (sdk.timers() > MAX_TIMERS) world.violate(`${sdk.name} has ${sdk.timers()} timers`);
    const own = watch(sdk);
    const store = sdk.store();
    if (store === null || (store === own.seen && !own.unsettled)) return;
    const { epoch, revision, digest } = store.state;
    if (own.seen?.state !== store.state) world.note(`${sdk.name} holds ${epoch}.${revision} ${digest}`);
    if (own.seen !== null && compareStates(store.state, own.seen.state) < 0)
      world.violate(`${sdk.name} went back from ${own.seen.state.epoch}.${own.seen.state.revision} to ${epoch}.${revision}`);
    const atMost = database.revoked().get(sdk.view);
    if (atMost !== undefined && own.seen?.state !== store.state && compareStates(store.state, atMost) > 0)
      world.violate(
        `${sdk.name} was given ${epoch}.${revision} with a key that was revoked at ${atMost.epoch}.${atMost.revision}`,
      );
    const wanted = expect(sdk, store.state);
    if (wanted === undefined) {
      world.violate(`${sdk.name} holds ${epoch}.${revision}, which never was`);
      return;
    }
    own.memory.hold(wanted);
    if (digest !== wanted.state.digest && digest !== own.digestOfFile)
      world.violate(`${sdk.name} holds ${epoch}.${revision} with digest ${digest}, and it is ${wanted.state.digest}`);
    checkBodies(sdk, own, store, wanted);
    checkAnswers(sdk, own, store, wanted);
    own.seen = store;
    own.unsettled = false;
  }

  function checkBodies(sdk: SimulatedSdk, own: Watched, store: Store, { texts, state }: Expected): void {
    const where = `${sdk.name} at ${state.epoch}.${state.revision}`;
    for (const id of texts.keys()) if (store.entries.get(id) === undefined) world.violate(`${where} lacks ${id}`);
    const digestIsOfFile = store.state.digest === own.digestOfFile;
    for (const { kind, key, reading, body } of store.entries.values()) {
      const id = `${kind}:${key}`;
      const isOfFile = digestIsOfFile && kind === 'flag' && own.memory.bodyOf(key) !== undefined;
      const text = isOfFile ? comparable(JSON.stringify(own.memory.bodyOf(key))) : texts.get(id);
      if (text === undefined) world.violate(`${where} has ${id}, which does not exist`);
      else if (reading === 'read' && comparable(JSON.stringify(body)) !== text)
        world.violate(`${where} has another body of ${id}: ${JSON.stringify(body)} instead of ${text}`);
    }
  }

  function checkAnswers(sdk: SimulatedSdk, own: Watched, store: Store, wanted: Expected): void {
    const where = `${sdk.name} at ${store.state.epoch}.${store.state.revision}`;
    let answers: ReadonlyMap<string, string>;
    try {
      answers = answersOf(store.rules);
    } catch (error) {
      world.violate(`${where}: evaluation threw ${String(error)}`);
      return;
    }
    for (const [key, answer] of answers) {
      const right = rightAnswer(own, key, wanted);
      if (answer !== right) world.violate(`${where} answers ${key} with ${answer}, and it is ${right}`);
      const before = own.answers?.get(key);
      if (before !== undefined && before !== answer && !own.announced.has(key))
        world.violate(`${where} answers ${key} with ${answer} instead of ${before}, and did not say so`);
    }
    own.answers = answers;
    own.announced.clear();
  }

  function rightAnswer({ memory }: Watched, key: string, wanted: Expected): string | undefined {
    const body = wanted.ruleSet.flags[key];
    if (body === undefined) return wanted.answers.get(key);
    return answerOfBody(wanted, key, memory.bodyOf(key) ?? body, memory.killOf(key));
  }

  function checkBuffers(): void {
    for (const link of network().links()) {
      const { toClient, toServer } = link.waiting();
      if (toClient > MAX_SERVER_BYTES) world.violate(`${link.name}: the server has buffered ${toClient} bytes`);
      if (toServer > MAX_SDK_BYTES) world.violate(`${link.name}: the SDK has buffered ${toServer} bytes`);
    }
  }

  return {
    started: (sdk, kept) => {
      watched.delete(sdk.name);
      if (kept === null) return;
      const own = watch(sdk);
      // What was kept has to be one of the log's states as well, and is looked at like any other.
      own.memory = files.get(sdk.name)?.copy() ?? own.memory;
      const wanted = expect(sdk, kept.state);
      if (wanted !== undefined && own.memory.lacksAny(wanted)) own.digestOfFile = kept.state.digest;
    },
    kept: (sdk) => void files.set(sdk.name, watch(sdk).memory.copy()),
    killed: (sdk, epoch, kills, held) => {
      // Without a rule set there is no flag to kill; the one that is fetched then has to be newer.
      if (held === null || kills.length === 0) return;
      // After a new epoch has begun, a kill of the one before concerns nobody.
      if (compareStates({ epoch, revision: Number.MAX_SAFE_INTEGER }, held.state) < 0) return;
      const own = watch(sdk);
      for (const kill of kills) own.memory.kill({ ...kill, epoch });
      own.unsettled = true;
    },
    changed: (sdk, flagsChanged) => {
      for (const key of flagsChanged) watch(sdk).announced.add(key);
    },
    heardNothing: (sdk) => {
      if (network().lastOf(sdk.name)?.isUntouched() === true) world.violate(`${sdk.name} gave up a sound connection`);
    },
    requests: (sdk, path) => {
      const own = watch(sdk);
      const nowMs = world.nowMs();
      const what = [KILLS_PATH, APPLIED_PATH].find((other) => path.startsWith(other)) ?? RULE_SET_PATH;
      const recentMs = [...(own.requestsMs.get(what) ?? []).filter((atMs) => atMs > nowMs - 10_000), nowMs];
      own.requestsMs.set(what, recentMs);
      if (recentMs.length > MAX_REQUESTS_IN_10_S)
        world.violate(`${sdk.name} asked ${recentMs.length} times for ${what} within 10 s`);
    },
    check: () => {
      for (const sdk of sdks()) checkSdk(sdk);
      checkBuffers();
    },
    lack: (sdk) => {
      const head = expect(sdk, database.head())?.state;
      const held = sdk.store()?.state;
      if (head === undefined || held === undefined) return 'holds nothing';
      if (compareStates(held, head) !== 0 || held.digest !== head.digest)
        return `holds ${held.epoch}.${held.revision}, and the newest is ${head.epoch}.${head.revision}`;
      return sdk.health() === 'ready' ? null : `says that it is ${sdk.health()}`;
    },
  };
}

/** Whether a flag is off for everybody, as far as this SDK goes. */
export function isOff(store: Store | null, key: string): boolean {
  return store !== null && resolve(store.rules, key, 'string', { targetingKey: 'nobody' }, 0).reason === 'DISABLED';
}

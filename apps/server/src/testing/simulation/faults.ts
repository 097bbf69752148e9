/**
 * What goes wrong in a world, and when. Each seed allows some kinds of faults and not others, and more or fewer of them:
 * a world in which everything fails at once hides what a few faults in the wrong order do.
 */
import type { SimulatedDatabase } from './database.ts';
import { type Network, noNetworkFaults } from './network.ts';
import type { SimulatedSdk } from './sdk.ts';
import type { SimulatedServer } from './server.ts';
import type { World } from './world.ts';

const FRAME_FAULT = 0.04;
const REQUEST_FAULT = 0.2;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface FaultOptions {
  readonly world: World;
  readonly database: SimulatedDatabase;
  readonly network: Network;
  readonly servers: readonly SimulatedServer[];
  readonly sdks: readonly SimulatedSdk[];
  /** Notifications are lost from time to time while this is true. */
  readonly setDeaf: (server: string, isDeaf: boolean) => void;
}

export interface Faults {
  /** Nothing fails any more, and what was cut is joined. */
  heal(): void;
}

/** Begins to do harm. */
export function startFaults(options: FaultOptions): Faults {
  const { world, database, network, servers, sdks, setDeaf } = options;
  const { random } = world;
  const meanGapMs = random.pick([300, 2_000, 8_000]);
  /** What ends by itself after a while, and at the latest when the world heals. */
  const ongoing = new Set<() => void>();
  let healed = false;

  const allow = () => (random.chance(0.4) ? 1 : 0);
  network.setFaults({
    frames: {
      lose: FRAME_FAULT * allow(),
      repeat: FRAME_FAULT * allow(),
      delay: FRAME_FAULT * allow(),
      damage: FRAME_FAULT * allow(),
    },
    swallow: REQUEST_FAULT * allow(),
    refuse: 0.05 * allow(),
    lose: REQUEST_FAULT * allow(),
    damage: REQUEST_FAULT * allow(),
    late: REQUEST_FAULT * allow(),
  });

  /** Most of it passes quickly; some lasts longer than the patience of either end. */
  function during(begin: () => void, end: () => void): void {
    const lastMs = random.chance(0.7) ? random.between(50, 5_000) : random.between(5_000, 70_000);
    begin();
    const stop = () => {
      if (ongoing.delete(stop)) end();
    };
    ongoing.add(stop);
    world.after(lastMs, stop);
  }

  const anyLink = () => random.any(network.links().filter((link) => link.isSound()));
  const jumpMs = () => random.pick([-DAY_MS, -60_000, -2_000, 2_000, 60_000, DAY_MS]);

  const kinds: readonly (() => void)[] = [
    () => {
      const link = anyLink();
      if (link === undefined) return;
      note('connection reset', link.name);
      link.reset();
    },
    () => {
      const link = anyLink();
      if (link === undefined) return;
      note('connection half-open', link.name);
      link.silence(random.pick(['both', 'toClient', 'toServer']));
    },
    () => {
      const link = anyLink();
      if (link === undefined) return;
      during(
        () => {
          note('slow reader', link.name);
          link.slowDown(random.pick([0, 0.2, 5]));
        },
        () => link.resume(),
      );
    },
    () => {
      const [sdk, server] = [random.any(sdks), random.any(servers)];
      if (sdk === undefined || server === undefined) return;
      during(
        () => {
          note('partition', `${sdk.name} and ${server.name}`);
          network.partition(sdk.name, server.name, true);
        },
        () => network.partition(sdk.name, server.name, false),
      );
    },
    () => {
      const sdk = random.any(sdks);
      if (sdk === undefined) return;
      note('SDK restarted', sdk.name);
      sdk.restart();
    },
    () => {
      const server = random.any(servers);
      if (server?.isUp() !== true) return;
      during(() => {
        note('server killed', server.name);
        server.kill();
      }, server.start);
    },
    () => {
      const server = random.any(servers);
      if (server?.isUp() !== true) return;
      note('server stopped', server.name);
      void server.stop().then(() => {
        if (healed) server.start();
        else during(() => world.note(`${server.name} has stopped`), server.start);
      });
    },
    () => {
      const server = random.any(servers);
      if (server === undefined) return;
      const byMs = jumpMs();
      note('server clock jumped', `${server.name} by ${byMs} ms`);
      server.jumpClock(byMs);
    },
    () => {
      const sdk = random.any(sdks);
      if (sdk === undefined) return;
      const byMs = jumpMs();
      note('SDK clock jumped', `${sdk.name} by ${byMs} ms`);
      sdk.jumpClock(byMs);
    },
    () => {
      if (database.isAway()) return;
      during(
        () => {
          note('store away', '');
          database.setAway(true);
        },
        () => database.setAway(false),
      );
    },
    () => {
      const server = random.any(servers);
      if (server === undefined) return;
      during(
        () => {
          note('store unreachable for one server', server.name);
          database.setUnreachable(server.name, true);
        },
        () => database.setUnreachable(server.name, false),
      );
    },
    () => {
      const server = random.any(servers);
      if (server === undefined) return;
      during(
        () => setDeaf(server.name, true),
        () => setDeaf(server.name, false),
      );
    },
    () => {
      const view = random.pick(['server', 'client'] as const);
      if (database.isAway() || database.revoked().has(view)) return;
      during(
        () => {
          note('key revoked', view);
          database.setRevoked(view, true);
        },
        () => database.setRevoked(view, false),
      );
    },
    () => {
      const { revision } = database.head();
      if (random.chance(0.3)) database.restore(Math.max(0, revision - random.between(0, 6)));
    },
  ];
  const allowed = kinds.filter(() => random.chance(0.4));

  function note(fault: Parameters<World['happened']>[0], where: string): void {
    world.happened(fault);
    world.note(`${fault}: ${where}`);
  }

  function next(): void {
    world.after(random.between(1, 2 * meanGapMs), () => {
      if (healed) return;
      random.any(allowed)?.();
      next();
    });
  }
  next();

  return {
    heal: () => {
      healed = true;
      world.note('nothing fails any more');
      network.setFaults(noNetworkFaults);
      for (const stop of [...ongoing]) stop();
      for (const server of servers) server.start();
    },
  };
}

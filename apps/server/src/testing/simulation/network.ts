/** What lies between SDKs and servers: connections and requests, with what can become of each. */
import {
  APPLIED_PATH,
  type HttpResponse,
  type PolledReceipt,
  RULE_SET_PATH,
  type Socket,
  type SocketHandlers,
  type View,
} from '@yardarm/sync';
import { createLink, type Link } from './link.ts';
import { damaged, type FrameFaults, noFrameFaults } from './pipe.ts';
import type { HttpAnswer, HttpRequest, SimulatedServer } from './server.ts';
import type { Fault, World } from './world.ts';

/** A request that has no answer by then is given up, as sdk-node does. */
const HTTP_TIMEOUT_MS = 15_000;

export interface Peer {
  readonly name: string;
  readonly view: View;
}

/** What may go wrong just now; probabilities for each connection attempt and each request. */
export interface NetworkFaults {
  readonly frames: FrameFaults;
  readonly swallow: number;
  readonly refuse: number;
  readonly lose: number;
  readonly damage: number;
  readonly late: number;
}

export const noNetworkFaults: NetworkFaults = { frames: noFrameFaults, swallow: 0, refuse: 0, lose: 0, damage: 0, late: 0 };

export interface Network {
  connect(from: Peer, handlers: SocketHandlers): Socket;
  request(from: Peer, request: HttpRequest): Promise<HttpResponse>;
  setFaults(faults: NetworkFaults): void;
  /** Cuts an SDK off from a server, or lets it back. */
  partition(sdk: string, server: string, isCut: boolean): void;
  /** Connections that at least one end believes in. */
  links(): readonly NetworkLink[];
  /** The newest connection of an SDK, over or not. */
  lastOf(sdk: string): NetworkLink | undefined;
  /** Whether something between an SDK and all servers takes no websocket. */
  isStreamless(sdk: string): boolean;
  /** The SDK's process is gone. */
  forget(sdk: string): void;
}

export interface NetworkLink extends Link {
  readonly sdk: string;
  readonly view: View;
  readonly serverName: string;
}

export interface NetworkOptions {
  readonly world: World;
  readonly servers: readonly SimulatedServer[];
  readonly bufferedBytes: (bytes: number) => number;
  /** SDKs behind a proxy that takes no websocket. */
  readonly streamless: ReadonlySet<string>;
  /** A server took the receipt of an SDK without a stream. */
  readonly posted: (server: SimulatedServer, view: View, receipt: PolledReceipt) => void;
}

export function createNetwork({ world, servers, bufferedBytes, streamless, posted }: NetworkOptions): Network {
  const { random } = world;
  const partitions = new Set<string>();
  const links = new Set<NetworkLink>();
  const newest = new Map<string, NetworkLink>();
  let faults = noNetworkFaults;
  let count = 0;

  function isCut(sdk: string, server: string): boolean {
    return partitions.has(`${sdk} ${server}`);
  }

  function happens(probability: number, fault: Fault): boolean {
    const does = random.chance(probability);
    if (does) world.happened(fault);
    return does;
  }

  /** As a load balancer does: mostly one that is up. */
  function chooseServer(): SimulatedServer | undefined {
    const up = servers.filter((server) => server.isUp());
    return up.length > 0 && random.chance(0.95) ? random.any(up) : random.any(servers);
  }

  function openLinks(): readonly NetworkLink[] {
    for (const link of links) if (link.isOver()) links.delete(link);
    return [...links];
  }

  function connect({ name, view }: Peer, handlers: SocketHandlers): Socket {
    const server = chooseServer();
    const latencyMs = random.between(1, 40);
    count++;
    const link = createLink({
      world,
      name: `link ${count} of ${name} to ${server?.name}`,
      latencyMs,
      faults: () => faults.frames,
      handlers,
      bufferedBytes,
    });
    if (server === undefined) return link.client;
    const placed = { ...link, sdk: name, view, serverName: server.name };
    links.add(placed);
    newest.set(name, placed);
    world.after(latencyMs, () => {
      if (isCut(name, server.name) || happens(faults.swallow, 'handshake swallowed')) return;
      if (!server.isUp()) link.refuse({ status: null, retryAfterMs: null, problem: 'connection refused' });
      else if (streamless.has(name)) {
        world.happened('proxy without websockets');
        link.refuse({ status: 404, retryAfterMs: null, problem: 'the proxy takes no websocket' });
      } else if (happens(faults.refuse, 'handshake refused')) link.refuse(randomRefusal());
      else if (!link.isOver()) {
        world.note(`${link.name} opens`);
        server.accept(link, view);
      }
    });
    return link.client;
  }

  function randomRefusal() {
    const status = random.pick([401, 403, 500, 503]);
    return { status, retryAfterMs: status === 503 ? 1_000 : null, problem: `the server answered ${status}` };
  }

  async function request({ name, view }: Peer, asked: HttpRequest): Promise<HttpResponse> {
    const server = chooseServer();
    await world.sleep(random.between(1, 40));
    if (server === undefined || isCut(name, server.name) || happens(faults.lose, 'request lost')) return timeOut();
    if (!server.isUp()) throw new Error('connection refused');
    const isRefused = happens(faults.refuse, 'request refused');
    const answer: HttpAnswer = isRefused
      ? { status: randomRefusal().status, headers: new Map([['retry-after', '1']]), body: '' }
      : await server.answer(asked, view);
    if (answer.status === 204 && asked.path === APPLIED_PATH) posted(server, view, JSON.parse(asked.body ?? '') as PolledReceipt);
    await world.sleep(happens(faults.late, 'answer late') ? random.between(500, 12_000) : random.between(1, 40));
    if (isCut(name, server.name)) return timeOut();
    const isDamaged = answer.body !== '' && happens(faults.damage, 'answer damaged');
    return toResponse(
      isDamaged ? { ...answer, body: damaged(answer.body, random, asked.path.startsWith(RULE_SET_PATH)) } : answer,
    );
  }

  async function timeOut(): Promise<never> {
    await world.sleep(HTTP_TIMEOUT_MS);
    throw new Error('no answer within 15 seconds');
  }

  return {
    connect,
    request,
    setFaults: (next) => {
      faults = next;
    },
    partition: (sdk, server, cut) => {
      if (cut) partitions.add(`${sdk} ${server}`);
      else partitions.delete(`${sdk} ${server}`);
      for (const link of openLinks()) {
        if (link.sdk !== sdk || link.serverName !== server) continue;
        if (cut) link.silence('both');
        else if (random.chance(0.5)) link.resume();
        else link.reset();
      }
    },
    links: openLinks,
    lastOf: (sdk) => newest.get(sdk),
    isStreamless: (sdk) => streamless.has(sdk),
    forget: (sdk) => {
      for (const link of openLinks()) if (link.sdk === sdk) link.clientGone();
    },
  };
}

function toResponse({ status, headers, body }: HttpAnswer): HttpResponse {
  let isRead = body === '';
  return {
    status,
    headers: { get: (name) => headers.get(name.toLowerCase()) ?? null },
    body: {
      getReader: () => ({
        read: async () => {
          const done = isRead;
          isRead = true;
          return { done, value: done ? undefined : Buffer.from(body) };
        },
        cancel: async () => {},
      }),
    },
  };
}

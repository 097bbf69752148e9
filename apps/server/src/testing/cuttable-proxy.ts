/** A TCP proxy on loopback that can be cut: connections end without warning and new ones are refused. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CuttableProxy {
  readonly port: number;
  /** Resets every connection and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
  /** Connections that were refused so far. */
  refused(): number;
  /** Lets nothing more through on the connections that are open, or on the newest `count` of them, and says nothing; new ones work. */
  stall(count?: number): void;
  close(): Promise<void>;
}

export async function startCuttableProxy(target: { readonly host: string; readonly port: number }): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let refused = 0;
  const server = createServer((incoming) => {
    if (isCut) {
      refused += 1;
      incoming.resetAndDestroy();
      return;
    }
    const outgoing = connect(target.port, target.host);
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    isCut = true;
    // Node 20 never closes a socket that is reset while its end is being sent, and the process cannot end.
    for (const socket of sockets) socket.writableEnded ? socket.destroy() : socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    refused: () => refused,
    stall: (count) => {
      // Two for each.
      for (const socket of [...sockets].slice(count && -2 * count)) socket.unpipe().pause();
    },
    mend: () => {
      isCut = false;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

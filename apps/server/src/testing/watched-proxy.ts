/** A TCP proxy on loopback that looks at each packet before it passes, and may keep it for as long as it likes. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface WatchedProxy {
  /** The same database by way of the proxy. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param look the packet passes when this resolves, and those behind it after it */
export async function startWatchedProxy(
  databaseUrl: string,
  look: (to: 'database' | 'client', packet: Buffer) => Promise<void> | void,
): Promise<WatchedProxy> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const database = connect({ host: hostname, port: Number(port), noDelay: true });
    for (const [from, to, name] of [
      [client, database, 'database'],
      [database, client, 'client'],
    ] as const) {
      sockets.add(from);
      let passed: Promise<void> = Promise.resolve();
      from.on('data', (packet: Buffer) => {
        passed = passed.then(() => look(name, packet)).then(() => void to.write(packet));
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${(server.address() as AddressInfo).port}` }).href,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * Sockets that asked for an upgrade. Node takes them off the HTTP server's books, and the hub knows only those that were
 * let in: one that is still being asked for its key, or was refused and does not leave, would keep the server from closing.
 */
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

export interface UpgradedSockets {
  /** Cuts those that are left, and from now on every new one. Call it when the others have said goodbye. */
  end(): void;
}

export function trackUpgradedSockets(server: Server): UpgradedSockets {
  const open = new Set<Duplex>();
  let ended = false;
  server.prependListener('upgrade', (_request, socket) => {
    if (ended) {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return {
    end() {
      ended = true;
      for (const socket of open) socket.destroy();
    },
  };
}

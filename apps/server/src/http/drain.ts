/**
 * How the server lets go of its connections when it closes: each is closed as soon as it falls idle. Node looks
 * once, when it stops listening; a connection that was busy then would hold up the end for its whole keep-alive. And it takes one that
 * has never said anything for busy, until its headers are due after a minute.
 */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const LOOK_EVERY_MS = 50;

export function closeIdleConnections(app: FastifyInstance): void {
  const sockets = new Set<Socket>();
  function forget(this: Socket): void {
    sockets.delete(this);
  }
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', forget);
  });
  app.addHook('preClose', (done) => {
    if (app.server.listening) {
      let silent: readonly Socket[] = [];
      const timer = setInterval(() => {
        app.server.closeIdleConnections();
        // Silent for two looks: one that has just been accepted may be about to ask.
        for (const socket of silent) if (socket.bytesRead === 0) socket.destroy();
        silent = [...sockets].filter((socket) => socket.bytesRead === 0);
      }, LOOK_EVERY_MS);
      app.server.once('close', () => clearInterval(timer));
    }
    done();
  });
}

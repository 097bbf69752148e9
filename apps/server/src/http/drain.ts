/**
 * How the server lets go of its connections when it closes: each is closed as soon as it falls idle. Node looks
 * once, when it stops listening; a connection that was busy then would hold up the end for its whole keep-alive.
 */
import type { FastifyInstance } from 'fastify';

const LOOK_EVERY_MS = 50;

export function closeIdleConnections(app: FastifyInstance): void {
  app.addHook('preClose', (done) => {
    if (app.server.listening) {
      const timer = setInterval(() => app.server.closeIdleConnections(), LOOK_EVERY_MS);
      app.server.once('close', () => clearInterval(timer));
    }
    done();
  });
}

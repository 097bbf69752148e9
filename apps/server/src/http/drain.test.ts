import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { closeIdleConnections } from './drain.ts';

describe('closeIdleConnections', () => {
  it('lets the server close when its last answer is out, although the client keeps its connection', async () => {
    const app = Fastify({ keepAliveTimeout: 72_000 });
    closeIdleConnections(app);
    let answer = () => {};
    app.get('/', (_request, reply) => {
      answer = () => void reply.send('done');
      reply.raw.writeContinue();
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const agent = new Agent({ keepAlive: true });
    const request = get(url, { agent });
    await once(request, 'continue');
    const closed = app.close();
    await once(app.server, 'close', { signal: AbortSignal.timeout(100) }).catch(() => undefined);
    answer();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.resume().headers.connection).toBe('keep-alive');
    await closed;
    agent.destroy();
  });

  it('lets go of a connection that has never said anything', async () => {
    const app = Fastify();
    closeIdleConnections(app);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const accepted = once(app.server, 'connection');
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    const ended = once(socket.resume(), 'close');
    await accepted;
    await app.close();
    await ended;
  });
});

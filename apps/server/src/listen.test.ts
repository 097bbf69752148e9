import { createServer } from 'node:net';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listen } from './listen.ts';

describe('listen', () => {
  let app: ReturnType<typeof Fastify>;
  beforeEach(() => {
    app = Fastify();
    app.get('/', async () => 'here');
  });
  afterEach(() => app.close());

  it.each(['127.0.0.1', '0.0.0.0'])('gives an address that this machine reaches when it listens on %s', async (host) => {
    const url = await listen(app, { host, port: 0 });
    expect(url).toMatch(/^http:\/\/[\w.]+:\d+$/);
    expect(await (await fetch(url)).text()).toBe('here');
  });

  it('says in one sentence that a port is taken, and which variable to set', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    await expect(listen(app, { host: '127.0.0.1', port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is in use by another program. Stop that one, or set PORT to another port (0 takes any free one).`,
    );
    other.close();
  });

  it('says that an address belongs to no interface of the machine', async () => {
    await expect(listen(app, { host: '192.0.2.1', port: 0 })).rejects.toThrow("HOST is '192.0.2.1', which is no address");
  });
});

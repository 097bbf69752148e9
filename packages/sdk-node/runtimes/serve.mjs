// @ts-check
/** A server with one rule set, and a stream that says welcome and nothing else. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { ruleSetAt, stateAt } from '../fuzz/hostile-messages.mjs';
import { frame } from '../fuzz/raw-frames.mjs';

const ACCEPT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const REVISION = 3;

/** @returns {Promise<{ url: string, streams: () => number, stop: () => Promise<void> }>} */
export async function serveOneRuleSet() {
  let streams = 0;
  /** @type {Set<import('node:stream').Duplex>} */
  const open = new Set();
  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/sync/v1/ruleset')) return response.writeHead(204).end();
    return response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(ruleSetAt(REVISION)));
  });
  server.on('upgrade', (request, socket) => {
    streams += 1;
    open.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${ACCEPT}`).digest('base64');
    const lines = ['HTTP/1.1 101 x', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
    socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Protocol: yardarm.sync.1\r\n\r\n`);
    const welcome = { type: 'welcome', format: 1, view: 'server', beatMs: 15_000, now: Date.now(), ...stateAt(REVISION) };
    socket.write(frame(JSON.stringify(welcome)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    streams: () => streams,
    stop: async () => {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

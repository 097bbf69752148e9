/** The small sizes of `npm run faults`: faults on real servers, real sockets and real SDKs, several at a time since most of it is waiting. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ROWS } from '../bench/faults/rows.mjs';

const TIMEOUT_MS = 400_000;
const EXIT_MS = 10_000;

const holds = async ({ small }: (typeof ROWS)[number]) => {
  const missed = (await small()).filter(({ value, atMost }) => !(value <= atMost));
  expect(missed).toEqual([]);
};

describe('the fault table on real sockets', () => {
  const together = ROWS.filter(({ isAlone }) => !isAlone);
  const alone = ROWS.filter(({ isAlone }) => isAlone);
  it.concurrent.each(together)('row $id holds: $fault', { timeout: TIMEOUT_MS }, holds);
  it.each(alone)('row $id holds: $fault', { timeout: TIMEOUT_MS }, holds);
});

it('a process that cut a connection while its end was on the way can end', async () => {
  const script = `
    import { connect, createServer } from 'node:net';
    import { cutSocket } from './bench/faults/cut-socket.mjs';
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.end('bye');
      cutSocket(socket);
      server.close();
      client.destroy();
    });
    let client;
    server.listen(0, '127.0.0.1', () => {
      client = connect(server.address().port, '127.0.0.1').on('error', () => {});
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit', timeout: EXIT_MS });
  expect(await once(child, 'exit')).toEqual([0, null]);
});

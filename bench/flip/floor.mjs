// @ts-check
/**
 * What a flip cannot be faster than on this machine at this moment: one durable transaction in the very database that the
 * server uses (lock a row, update it, insert its history) and one websocket frame over loopback, to one reader or to many.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { connectToEmbedded } from '../../scripts/embedded-database.mjs';
import { root } from '../../scripts/launch.mjs';

const { WebSocket, WebSocketServer } = createRequire(path.join(root, 'apps/server/package.json'))('ws');

/**
 * @param {string} dataDirectory of the running server
 * @param {number} readers
 */
export async function createFloor(dataDirectory, readers = 1) {
  const sql = connectToEmbedded(dataDirectory, 'postgres');
  await sql`create table head (id int primary key, revision int not null)`;
  await sql`create table history (revision int primary key, body text not null)`;
  await sql`insert into head values (1, 0)`;

  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await new Promise((resolve) => server.once('listening', resolve));
  const sockets = Array.from({ length: readers }, () => new WebSocket(`ws://127.0.0.1:${server.address().port}`));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('open', resolve))));
  const body = 'x'.repeat(300);

  return {
    /** @returns {Promise<number>} milliseconds from the first statement to the frame's arrival at the last reader */
    async measure() {
      const arrived = sockets.map((socket) => new Promise((resolve) => socket.once('message', resolve)));
      const startedAt = performance.now();
      await sql.begin(async (tx) => {
        const [row] = await tx`select revision from head where id = 1 for update`;
        const revision = Number(row?.revision) + 1;
        await tx`update head set revision = ${revision} where id = 1`;
        await tx`insert into history values (${revision}, ${body})`;
      });
      for (const serverEnd of server.clients) serverEnd.send(body);
      await Promise.all(arrived);
      return performance.now() - startedAt;
    },
    async close() {
      await sql`drop table head, history`;
      await sql.end();
      for (const socket of sockets) socket.terminate();
      server.close();
    },
  };
}

// @ts-check
/** What Node's own server does at best: the same bytes with the same headers to whoever asks, and nothing else. */
import { createServer } from 'node:http';
import { answerQuestions } from './questions.mjs';

/** @typedef {{ headers: string[], unchanged: string[], body: string }} Served `body` in base64 */

/** @type {{ headers: string[], unchanged: string[], body: Buffer }} */
let served = { headers: [], unchanged: [], body: Buffer.alloc(0) };

const server = createServer((request, response) => {
  if (request.headers['if-none-match'] === undefined) response.writeHead(200, served.headers).end(served.body);
  else response.writeHead(304, served.unchanged).end();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));

answerQuestions({
  port: () => /** @type {import('node:net').AddressInfo} */ (server.address()).port,
  /** @param {Served} what */
  serve: ({ headers, unchanged, body }) => {
    served = { headers, unchanged, body: Buffer.from(body, 'base64') };
  },
});

// @ts-check
/** What no server can beat: `ws` alone, without protocol, state or receipts, sending the same bytes to every socket. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from '../../scripts/launch.mjs';
import { monotonicMs } from './clock.mjs';
import { answerQuestions } from './questions.mjs';

const { WebSocketServer } = createRequire(path.join(root, 'apps/server/package.json'))('ws');
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, backlog: 4_096 });
await new Promise((resolve) => server.once('listening', resolve));

answerQuestions({
  url: () => `ws://127.0.0.1:${server.address().port}`,
  /** @param {string} text; answers when it began, of monotonicMs */
  broadcast: (text) => {
    const startedMs = monotonicMs();
    const frame = Buffer.from(text);
    for (const socket of server.clients) socket.send(frame, { binary: false });
    return startedMs;
  },
});

// @ts-check
/** A server on loopback, below HTTP, that does to whoever connects whatever its dice say. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { badMessage, badRuleSet, goodMessage, pick, ruleSetAt, stateAt } from './hostile-messages.mjs';
import { frame } from './raw-frames.mjs';

/** @typedef {import('node:net').Socket} Socket */
/** @typedef {import('./hostile-messages.mjs').Random} Random */

const GIGABYTE = 1024 ** 3;
const DRIP_MS = 3;
const FRAME_MS = 4;
const ACCEPT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** 200 MB of zeros in 200 KB. Made once: it costs more than all else. */
const BOMB = gzipSync(Buffer.alloc(200_000_000), { level: 9 });
const KINDS = /** @type {const} */ ([
  'good',
  'bad',
  'garbage',
  'status',
  'redirect',
  'gzip',
  'announced',
  'drip',
  'silent',
  'reset',
  'headers',
  'chunks',
]);

/** @param {Random} random */
export async function startHostileServer(random) {
  /** @type {Set<Socket>} */
  const sockets = new Set();
  /** @type {Set<NodeJS.Timeout>} */
  const timers = new Set();
  let requests = 0;
  /** What it pretends to be the newest. */
  let held = 1 + Math.floor(random() * 5);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.on('data', (chunk) => {
      if (text.includes('\r\n\r\n')) return;
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      requests += 1;
      if (/^upgrade: *websocket/im.test(text)) answerUpgrade(socket, text);
      else answerRequest(socket, text);
    });
  });

  /** Until it answers false, or all is over. @param {number} delayMs @param {() => boolean} act */
  function every(delayMs, act) {
    const timer = setInterval(() => {
      if (act()) return;
      clearInterval(timer);
      timers.delete(timer);
    }, delayMs);
    timers.add(timer);
  }

  /** Byte by byte, for as long as somebody listens. @param {Socket} socket @param {Buffer} bytes */
  function drip(socket, bytes) {
    let at = 0;
    every(DRIP_MS, () => {
      if (socket.destroyed || at >= bytes.length) return false;
      socket.write(bytes.subarray(at, at + 1));
      at += 1;
      return true;
    });
  }

  /** @param {Socket} socket @param {string} request */
  function answerRequest(socket, request) {
    const revision = random() < 0.8 ? held : 1 + Math.floor(random() * 5);
    const { epoch, digest } = stateAt(revision);
    const good = JSON.stringify(ruleSetAt(revision));
    const head = (/** @type {number} */ status, /** @type {string[]} */ ...lines) =>
      `${[`HTTP/1.1 ${status} x`, `Yardarm-State: ${epoch}.${revision}.${digest}`, ...lines].join('\r\n')}\r\n\r\n`;
    const whole = (/** @type {string} */ body) => head(200, `Content-Length: ${Buffer.byteLength(body)}`) + body;
    const isRuleSet = request.startsWith('GET /sync/v1/ruleset');
    switch (isRuleSet && random() < 0.6 ? 'good' : pick(random, KINDS)) {
      case 'good':
        return socket.end(whole(isRuleSet ? good : '{}'));
      case 'bad':
        return socket.end(whole(badRuleSet(random)));
      case 'garbage':
        return socket.end(Buffer.from(Array.from({ length: 1 + random() * 500 }, () => random() * 256)));
      case 'status':
        return socket.end(
          `${head(
            Math.floor(100 + random() * 900),
            `Retry-After: ${pick(random, ['-1', '99999999', 'soon', '0'])}`,
            'Content-Length: 3',
          )}bad`,
        );
      case 'redirect':
        // To itself, without an end.
        return socket.end(head(pick(random, [301, 302, 303, 307, 308]), 'Location: /sync/v1/ruleset', 'Content-Length: 0'));
      case 'gzip': {
        const body =
          random() < 0.02
            ? BOMB
            : pick(random, [Buffer.from('bad'), gzipSync(good).subarray(0, 40), gzipSync(badRuleSet(random))]);
        socket.write(head(200, 'Content-Encoding: gzip', `Content-Length: ${body.length}`));
        return socket.end(body);
      }
      case 'announced':
        socket.write(`${head(200, `Content-Length: ${GIGABYTE}`)}{"bad":`);
        return random() < 0.5 ? socket.end() : undefined;
      case 'drip':
        return drip(socket, Buffer.from(whole(good)));
      case 'silent':
        return;
      case 'reset':
        socket.write(head(200, `Content-Length: ${good.length}`) + good.slice(0, 30));
        return socket.resetAndDestroy();
      case 'headers':
        return socket.end(
          pick(random, [
            head(200, `X-Long: ${'x'.repeat(40_000)}`),
            head(200, 'no colon'),
            head(200, 'Content-Length: -5'),
            'HTTP/9.9 ok\r\n\r\n',
          ]),
        );
      case 'chunks':
        return socket.end(
          `${head(200, 'Transfer-Encoding: chunked')}${pick(random, ['zz\r\n', `${GIGABYTE.toString(16)}\r\nbad`, '-1\r\n\r\n', '3\r\nbad'])}`,
        );
    }
  }

  /** @param {Socket} socket @param {string} request */
  function answerUpgrade(socket, request) {
    const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1] ?? '';
    const accept = createHash('sha1')
      .update(key + ACCEPT)
      .digest('base64');
    const isRight = random() < 0.85;
    if (random() < 0.1) return answerRequest(socket, request);
    const lines = [
      'HTTP/1.1 101 x',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${isRight ? accept : 'x'}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n${random() < 0.95 ? 'Sec-WebSocket-Protocol: yardarm.sync.1\r\n' : ''}\r\n`);
    const welcome = { type: 'welcome', format: 1, view: 'server', beatMs: 15_000, now: 1, ...stateAt(held) };
    if (random() < 0.8) socket.write(frame(JSON.stringify(welcome)));
    let left = Math.floor(random() * 15);
    every(FRAME_MS, () => {
      if (socket.destroyed) return false;
      left -= 1;
      if (left < 0) endOf(socket);
      else socket.write(nextFrame());
      return left >= 0;
    });
  }

  /** @param {Socket} socket */
  function endOf(socket) {
    const end = random();
    if (end < 0.2) socket.resetAndDestroy();
    else if (end < 0.4) socket.end();
  }

  function nextFrame() {
    const kind = random();
    if (kind > 0.5) return kind > 0.9 ? badFrame() : frame(badMessage(random, held));
    const { text, reaches } = goodMessage(random, held);
    held = reaches;
    return frame(text);
  }

  function badFrame() {
    const text = badMessage(random, 1);
    /** @type {readonly (() => Buffer)[]} */
    const makers = [
      () => frame('{"type":', { announced: GIGABYTE }),
      () => frame('', { announced: Number.MAX_SAFE_INTEGER }),
      () => frame(text, { masked: true }),
      () => frame(text, { reserved: 1 + Math.floor(random() * 7) }),
      () => frame(text, { opcode: 2 }),
      () => frame(text, { opcode: 3 + Math.floor(random() * 5) }),
      () => frame(text, { opcode: 0 }),
      () => frame(text, { fin: false }),
      () => frame('x'.repeat(200), { opcode: 9 }),
      () => Buffer.concat(Array.from({ length: 100 }, () => frame('ping', { opcode: 9 }))),
      () => frame(Buffer.from([0xff, 0xfe, 0xc0]), {}),
      () => frame(Buffer.from([0x03]), { opcode: 8 }),
      () => frame(Buffer.from([0x00, 0x01]), { opcode: 8 }),
      () => frame(`{"type":"beat","x":"${'x'.repeat(300_000)}"}`),
      () => Buffer.from(Array.from({ length: 60 }, () => random() * 256)),
    ];
    return pick(random, makers)();
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The network of Node for the client: `ws` for the stream, node:http(s) for requests. */
import {
  boundedText,
  type CheckedOptions,
  HELLO_TIMEOUT_MS,
  parseRetryAfter,
  problemOf,
  type Socket,
  type SocketHandlers,
  SUBPROTOCOL,
  syncRequests,
  type Transport,
} from '@yardarm/sync';
import { type ClientOptions, WebSocket } from 'ws';
import { httpSend } from './http-send.ts';

/** Far above what a server sends in one frame; below what could hurt the host. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** A peer that does not answer a close frame by then is cut off. */
const CLOSE_TIMEOUT_MS = 1_000;

/** `closeTimeout` is younger than the published types. */
type SocketOptions = ClientOptions & { readonly closeTimeout: number };

export function nodeTransport(options: CheckedOptions): Transport {
  const decoder = new TextDecoder();
  return {
    connect: (handlers) => openSocket(options.streamUrl, options.key, handlers),
    ...syncRequests({ send: httpSend, readText: boundedText((bytes) => decoder.decode(bytes)) }, options),
  };
}

function openSocket(streamUrl: string, key: string, handlers: SocketHandlers): Socket {
  const options: SocketOptions = {
    headers: { Authorization: `Bearer ${key}` },
    // Deflate costs memory per connection and lets a small frame grow large; frames are small deltas.
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handshakeTimeout: HELLO_TIMEOUT_MS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    finishRequest: (request) => {
      // The stream must not keep the process alive, from the first packet on.
      request.on('socket', (connection) => connection.unref());
      request.end();
    },
  };
  const socket = new WebSocket(streamUrl, [SUBPROTOCOL], options);
  let problem = 'the connection was closed';
  let refusal: { status: number; retryAfterMs: number | null } | undefined;
  let opened = false;

  socket.on('open', () => {
    opened = true;
    handlers.opened();
  });
  // Binary frames are not part of the protocol: an empty text is reported as unreadable.
  socket.on('message', (data, isBinary) => handlers.received(isBinary ? '' : data.toString()));
  socket.on('ping', () => handlers.heard());
  socket.on('unexpected-response', (request, response) => {
    const status = response.statusCode ?? 0;
    refusal = { status, retryAfterMs: parseRetryAfter(response.headers['retry-after']) };
    problem = problemOf(status);
    request.destroy();
    // With a listener for the refusal, `ws` leaves it to the listener to end the attempt.
    socket.terminate();
  });
  socket.on('error', (error) => {
    if (refusal === undefined) problem = error.message;
  });
  socket.on('close', (code, reason) => {
    if (reason.length > 0) problem = `the server closed the connection: ${reason.toString()} (${code})`;
    handlers.closed({
      code: opened ? code : null,
      status: refusal?.status ?? null,
      retryAfterMs: refusal?.retryAfterMs ?? null,
      problem,
    });
  });
  let waiting: string[] = [];
  const flush = () => {
    const texts = waiting;
    waiting = [];
    // As bytes, which `ws` joins with their head: one buffer for the system instead of two.
    for (const text of texts) if (socket.readyState === WebSocket.OPEN) socket.send(Buffer.from(text), { binary: false });
  };
  return {
    // After whatever has arrived in this turn, and in the next, which begins at once: a receipt costs a third of what it confirms, and
    // a change that waits, for this provider or for another one in the process, is not to wait for it.
    send: (text) => {
      if (waiting.push(text) === 1) setImmediate(() => setImmediate(flush));
    },
    close: () => {
      flush();
      socket.close(1000);
    },
  };
}

/** The browser, as far as the client needs it: network, clocks, timers. */
import {
  type CheckedOptions,
  KEY_SUBPROTOCOL_PREFIX,
  type Runtime,
  type Socket,
  type SocketHandlers,
  SUBPROTOCOL,
  syncRequests,
  type Transport,
} from '@yardarm/sync';

/** The whole answer, body included, has to be here by then. */
const FETCH_TIMEOUT_MS = 15_000;
const MAX_KEEPALIVE_BYTES = 60_000;

export const browserRuntime: Runtime = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  random: () => Math.random(),
  startTimer: (run, delayMs) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

export function browserTransport(options: CheckedOptions): Transport {
  return {
    connect: (handlers) => openSocket(options.streamUrl, options.key, handlers),
    ...syncRequests({ send, readText: (response) => (response as Response).text() }, options),
  };
}

function send(url: string, headers: { readonly [name: string]: string }, body?: string): Promise<Response> {
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  // What is sent when the page goes must outlive it; browsers allow that up to 64 KiB.
  const bytes = new TextEncoder().encode(body);
  const content = body === undefined ? {} : { method: 'POST', body: bytes, keepalive: bytes.length < MAX_KEEPALIVE_BYTES };
  // A redirect could carry the key elsewhere; the replica does its own caching; cookies are none of its business.
  return fetch(url, { ...content, headers, signal, redirect: 'error', cache: 'no-store', credentials: 'omit' });
}

/** A browser cannot set headers on a websocket, so that the key travels as a subprotocol; never in the URL. */
function openSocket(streamUrl: string, key: string, handlers: SocketHandlers): Socket {
  const socket = new WebSocket(streamUrl, [SUBPROTOCOL, KEY_SUBPROTOCOL_PREFIX + key]);
  let opened = false;
  socket.onopen = () => {
    opened = true;
    handlers.opened();
  };
  // Binary frames are not part of the protocol: an empty text is reported as unreadable.
  socket.onmessage = ({ data }) => handlers.received(typeof data === 'string' ? data : '');
  socket.onclose = ({ code, reason }) => {
    // A browser hides why a connection did not open.
    const problem = reason === '' ? `the connection ${opened ? 'was closed' : 'could not be opened'} (${code})` : reason;
    handlers.closed({ code: opened ? code : null, status: null, retryAfterMs: null, problem });
  };
  // The close event says as much. Where a socket is an event emitter (pages rendered on a server), an error that
  // nobody hears would end the process.
  socket.onerror = () => {};
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(1000),
  };
}

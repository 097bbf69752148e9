/**
 * A small real server for tests of the SDKs: HTTP and websocket on loopback, the protocol's own server end
 * behind the sockets, a rule set in memory, and switches for everything that can go wrong.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { RuleSet } from '@yardarm/evaluator';
import { type WebSocket, WebSocketServer } from 'ws';
import { connectionStep, openConnection } from '../connection.ts';
import type { ConnectionEffect, ConnectionEvent, ConnectionState } from '../connection-state.ts';
import type { ClientMessage, TelemetryReport } from '../messages.ts';
import { KEY_SUBPROTOCOL_PREFIX, RULE_SET_PATH, STREAM_PATH, SUBPROTOCOL, TELEMETRY_PATH } from '../messages.ts';
import { parseClientMessage } from '../parse.ts';
import { compareStates, ruleSetEtag, STATE_HEADER, stateText } from '../position.ts';
import { deltaOf, stateOf } from './model.ts';

export { WebSocket } from 'ws';
export { flagBody, ruleSetOf, segmentBody, unreadableFlag } from './model.ts';

type Plain = ConnectionEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'bufferedBytes'> : never) : never;
/** Answers instead of the server; undefined: the server answers. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestServer {
  readonly url: string;
  /** Requests for the rule set and for the stream, in order. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  /** Messages of all SDKs, in order. */
  readonly received: readonly ClientMessage[];
  /** Counts of all SDKs, in order. */
  readonly batches: readonly TelemetryReport[];
  readonly openSockets: () => number;
  /** Connections below HTTP that are still open. */
  readonly openConnections: () => number;
  /** The new state goes to every socket at once. */
  publish(ruleSet: RuleSet): void;
  /** Runs an event of the protocol's server end on every socket. */
  dispatch(event: Plain): void;
  /** Sends raw text to every socket. */
  sendRaw(text: string): void;
  /** Refuses every new websocket with this status and headers; null: takes them. */
  refuseStream(status: number | null, headers?: { readonly [name: string]: string }): void;
  /** Answers requests for the rule set instead of the server; null: the server answers. */
  failRuleSet(fault: Fault | null): void;
  /** Cuts all connections, without closing handshakes. */
  cut(): void;
  stop(): Promise<void>;
}

export async function startTestServer(options: { ruleSet: RuleSet; key: string; port?: number }): Promise<TestServer> {
  const view = options.key.startsWith('yc_') ? 'client' : 'server';
  let history = [options.ruleSet];
  let refusal: { status: number; headers: { readonly [name: string]: string } } | null = null;
  let fault: Fault | null = null;
  const requests: { path: string; headers: IncomingMessage['headers'] }[] = [];
  const received: ClientMessage[] = [];
  const batches: TelemetryReport[] = [];
  const connections = new Set<Socket>();
  const sockets = new Map<WebSocket, ConnectionState>();
  const head = () => history.at(-1) ?? options.ruleSet;

  const http = createServer((request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    if (fault !== null) return fault(request, response);
    if (request.url === TELEMETRY_PATH) return takeBatch(request, response);
    if (!request.url?.startsWith(RULE_SET_PATH)) return response.writeHead(404).end();
    if (request.headers.authorization !== `Bearer ${options.key}`) return response.writeHead(401).end();
    const state = stateOf(head());
    const headers = { [STATE_HEADER]: stateText(state), ETag: ruleSetEtag(state.digest, view) };
    if (request.headers['if-none-match'] === headers.ETag) return response.writeHead(304, headers).end();
    const body = gzipSync(JSON.stringify(head()));
    return response.writeHead(200, { ...headers, 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }).end(body);
  });
  http.on('connection', (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
  });

  const websockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  http.on('upgrade', (request, socket, rest) => {
    // From here on nobody else listens, and a reset that nobody hears ends the process.
    socket.on('error', () => socket.destroy());
    requests.push({ path: request.url ?? '', headers: request.headers });
    const { status, headers } = refusal ?? (isAllowed(request) ? { status: 101, headers: {} } : { status: 401, headers: {} });
    if (status !== 101) {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${status} No\r\n${lines.join('')}Connection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    websockets.handleUpgrade(request, socket, rest, accept);
  });

  function takeBatch(request: IncomingMessage, response: ServerResponse): void {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      batches.push(JSON.parse(text));
      response.writeHead(204).end();
    });
  }

  function isAllowed({ url, headers }: IncomingMessage): boolean {
    const offered = (headers['sec-websocket-protocol'] ?? '').split(/, */);
    const isKnown = headers.authorization === `Bearer ${options.key}` || offered.includes(KEY_SUBPROTOCOL_PREFIX + options.key);
    return isKnown && url === STREAM_PATH;
  }

  function accept(socket: WebSocket): void {
    sockets.set(socket, openConnection(view, stateOf(head()), performance.now()));
    socket.on('message', (data) => {
      const message = parseClientMessage(data.toString());
      if (message !== null && message.type !== 'invalid') received.push(message);
      step(socket, { type: 'received', message });
    });
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.terminate());
  }

  function step(socket: WebSocket, event: Plain): void {
    const before = sockets.get(socket);
    if (before === undefined) return;
    const { state, effects } = connectionStep(
      before,
      { ...event, bufferedBytes: socket.bufferedAmount } as ConnectionEvent,
      performance.now(),
      Date.now(),
    );
    sockets.set(socket, state);
    for (const effect of effects) perform(socket, effect);
  }

  function perform(socket: WebSocket, effect: ConnectionEffect): void {
    if (effect.type === 'send') socket.send(JSON.stringify(effect.message));
    if (effect.type === 'ping') socket.ping();
    if (effect.type === 'close') socket.close(effect.code, effect.reason);
    if (effect.type === 'terminate') socket.terminate();
    if (effect.type !== 'sendDelta') return;
    const from = history.find((past) => compareStates(past, effect.from) === 0);
    if (from === undefined) step(socket, { type: 'deltaUnavailable', from: effect.from, at: null, spreadMs: 0 });
    else socket.send(JSON.stringify(deltaOf(from, head())));
  }

  const dispatch = (event: Plain) => {
    for (const socket of sockets.keys()) step(socket, event);
  };
  const cut = () => {
    for (const connection of connections) connection.destroy();
  };
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    received,
    batches,
    openSockets: () => sockets.size,
    openConnections: () => connections.size,
    publish: (ruleSet) => {
      history = ruleSet.epoch === head().epoch ? [...history, ruleSet] : [ruleSet];
      dispatch({ type: 'head', head: stateOf(ruleSet) });
    },
    dispatch,
    sendRaw: (text) => {
      for (const socket of sockets.keys()) socket.send(text);
    },
    refuseStream: (status, headers = {}) => {
      refusal = status === null ? null : { status, headers };
    },
    failRuleSet: (replacement) => {
      fault = replacement;
    },
    cut,
    stop: async () => {
      cut();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

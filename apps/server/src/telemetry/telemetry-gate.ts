/**
 * Refuses telemetry that is too much, before the web framework, before a body is read. Whoever is refused waits some seconds for
 * the answer, and nothing more of its connection is read meanwhile: a flood is as slow as it has connections.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorBody } from '@yardarm/contract';
import { TELEMETRY_PATH } from '@yardarm/sync';
import type { SdkKey, SdkKeyCache } from '../delivery/sdk-keys.ts';
import { readBearer } from '../delivery/sync-credentials.ts';
import { SHARED_HEADERS } from '../ruleset/prepared-answer.ts';
import { createRefusalQueue } from './refusal-queue.ts';
import type { TelemetryBudget } from './telemetry-budget.ts';

/** Counts of a batch are at most 1 000, their names at most 200 characters. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** The longer the more were refused before. */
const MAX_HOLD_SECONDS = 3;
/**
 * Refusals of those that wait for their answer. Those of a flood come back as soon as they are answered, and answered all at once they did
 * so all at once: 330 connections a second, in bursts, which took twice as much of the processor (`npm run bench:telemetry`). The last of
 * them waits for 13 s: an SDK gives up after 15. The connections of more are cut.
 */
const PATIENT = { room: 600, perSecond: 60 };
/**
 * Those that send without waiting for an answer, as no SDK does, are held for as long as nobody would who waits: each is opened again as
 * soon as it is closed, and to take and to refuse one costs more than to hold it.
 */
const IMPATIENT = { room: 1_200, perSecond: 40 };
const IMPATIENT_MS = 30_000;
const IMPATIENT_RETRY_SECONDS = 5;
/** A body takes no longer: who sends it more slowly holds the room of others. */
const BODY_MS = 10_000;

export interface TelemetryGateOptions {
  readonly keys: Pick<SdkKeyCache, 'find'>;
  readonly budget: TelemetryBudget;
  /** Told of each refusal. */
  readonly onRefused: () => void;
}

/** The request of a connection that is not answered yet. */
type Asking =
  /** What was sent together with it is not parsed yet. */
  | { readonly state: 'deciding'; readonly decision: NodeJS.Immediate; readonly response: ServerResponse }
  /** It waits for its refusal. */
  | { readonly state: 'refused'; readonly leave: () => void; readonly response: ServerResponse }
  | { readonly state: 'let in'; readonly key: SdkKey | null };

/**
 * @param server whose requests have listeners already, which get what is let through
 * @returns what ends the connections that wait, for a server that closes
 */
export function gateTelemetry(server: Server, { keys, budget, onRefused }: TelemetryGateOptions): () => void {
  const routes = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  /** Whose rest is never read. */
  const held = new Set<Socket>();
  const asking = new Map<Socket, Asking>();
  const patient = createRefusalQueue(PATIENT);
  const impatient = createRefusalQueue(IMPATIENT);
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (request.url === TELEMETRY_PATH && request.method === 'POST') take(request, response);
    else pass(request, response);
  });
  let isEnding = false;
  return () => {
    isEnding = true;
    for (const socket of [...held, ...asking.keys()]) if (asking.get(socket)?.state !== 'let in') socket.destroy();
  };

  function pass(request: IncomingMessage, response: ServerResponse): void {
    for (const route of routes) route.call(server, request, response);
  }

  function take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const before = asking.get(socket);
    if (before !== undefined && !held.has(socket)) holdImpatient(socket, before);
    if (held.has(socket) || socket.destroyed) {
      request.resume();
      return;
    }
    // By then what was sent together with it is parsed: whoever did not wait is known before anything is done for him.
    const decision = setImmediate(() => decide(request, response));
    asking.set(socket, { state: 'deciding', decision, response });
    response.once('close', () => {
      asking.delete(socket);
      if (isEnding && held.has(socket)) socket.destroy();
    });
  }

  function decide(request: IncomingMessage, response: ServerResponse): void {
    const { socket, headers } = request;
    if (socket.destroyed) return;
    const secret = readBearer(headers.authorization);
    const key = (secret === undefined ? undefined : keys.find(secret)) ?? null;
    const bytes = Number(headers['content-length'] ?? MAX_BODY_BYTES);
    const asked = budget.ask(key, Math.min(bytes, MAX_BODY_BYTES), performance.now());
    if (!('release' in asked)) {
      onRefused();
      holdPatient(request, response, asked.retryAfterSeconds);
      return;
    }
    asking.set(socket, { state: 'let in', key });
    const late = setTimeout(() => socket.destroy(), BODY_MS).unref();
    request.once('end', () => clearTimeout(late));
    response.once('close', () => {
      clearTimeout(late);
      asked.release();
    });
    pass(request, response);
  }

  function holdPatient(request: IncomingMessage, response: ServerResponse, retryAfterSeconds: number): void {
    const { socket } = request;
    const holdMs = Math.min(retryAfterSeconds, MAX_HOLD_SECONDS) * 1_000;
    const leave = patient.add(socket, holdMs, () => refuse(response, retryAfterSeconds));
    if (leave === null) {
      cut(socket);
      return;
    }
    asking.set(socket, { state: 'refused', leave, response });
    // A body of which more is to come is not read. Whoever has sent all is: only so it is heard when he sends more, or goes away.
    if (!request.complete) stopReading(socket);
    // Not kept.
    request.resume();
  }

  /** Sent without waiting for the answer before it. */
  function holdImpatient(socket: Socket, before: Asking): void {
    if (before.state === 'let in') budget.charge(before.key);
    else if (before.state === 'refused') before.leave();
    else {
      clearImmediate(before.decision);
      onRefused();
      before.response.req.resume();
    }
    // What was let in is answered, and no more than that.
    const end = before.state === 'let in' ? () => socket.destroy() : () => refuse(before.response, IMPATIENT_RETRY_SECONDS);
    if (impatient.add(socket, IMPATIENT_MS, end) === null) cut(socket);
    else stopReading(socket);
  }

  function cut(socket: Socket): void {
    skipRest(socket);
    socket.destroy();
  }

  /** What else the connection sends stays with its sender. It is closed after this, and never read again. */
  function stopReading(socket: Socket): void {
    held.add(socket);
    socket.once('close', () => held.delete(socket));
    skipRest(socket);
    socket.pause();
    setImmediate(() => socket.pause());
  }
}

/**
 * Leaves what was read together with this request unparsed, by two marks of Node's own: the one for connections whose answers pile up,
 * without which parsing goes on after a pause, and the hook for each head, where 2 ends parsing as for an upgrade. Up to 800 requests that
 * were sent at once were read and kept until their connection closed: a flood took 190 MB in half a minute, and with this it takes 40. Where
 * a version of Node has other marks they are read again, and not answered.
 */
function skipRest(socket: Socket & { _paused?: boolean; parser?: { onIncoming: () => number } | null }): void {
  socket._paused = true;
  if (socket.parser) socket.parser.onIncoming = () => 2;
}

function refuse(response: ServerResponse, retryAfterSeconds: number): void {
  const message = 'This server takes no more telemetry now; keep the batch and send it again later.';
  const error: ErrorBody = { error: { code: 'rate_limited', message, details: [], requestId: randomUUID() } };
  const body = JSON.stringify(error);
  response.writeHead(429, {
    ...SHARED_HEADERS,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Retry-After': retryAfterSeconds,
    // Its body was not read.
    Connection: 'close',
  });
  // Not only ended: what it sent behind would be read to the end.
  response.end(body, () => response.socket?.destroy());
}

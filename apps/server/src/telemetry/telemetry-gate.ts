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
import type { TelemetryBudget } from './telemetry-budget.ts';

/** Counts of a batch are at most 1 000, their names at most 200 characters. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** The longer the more were refused before. */
const MAX_HOLD_SECONDS = 3;
/**
 * Refusals a second at most. Those of a flood come back as soon as they are answered, and answered all at once they did so all at once:
 * 330 connections a second, in bursts, which took twice as much of the processor (`npm run bench:telemetry`).
 */
const ANSWERED_PER_SECOND = 60;
/** Refusals that wait at the same time, the last of them for 13 s: an SDK gives up after 15. The connections of more are cut. */
const MAX_HELD = 600;
/** A connection that sent without waiting stays so long after its last answer: it is opened again as soon as it is closed. */
const IMPATIENT_MS = 5_000;
/** A body takes no longer: who sends it more slowly holds the room of others. */
const BODY_MS = 10_000;

export interface TelemetryGateOptions {
  readonly keys: Pick<SdkKeyCache, 'find'>;
  readonly budget: TelemetryBudget;
  /** Told of each refusal. */
  readonly onRefused: () => void;
}

/** @param server whose requests have listeners already, which get what is let through */
export function gateTelemetry(server: Server, { keys, budget, onRefused }: TelemetryGateOptions): void {
  const routes = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  const held = new Set<Socket>();
  /** By what key each was let in, whose answer is under way. */
  const taken = new Map<Socket, SdkKey | null>();
  /** When the last of those that wait is answered, by `performance.now()`. */
  let lastAnswerMs = 0;
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (request.url === TELEMETRY_PATH && request.method === 'POST' && !letIn(request, response)) return;
    for (const route of routes) route.call(server, request, response);
  });

  function letIn(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket, headers } = request;
    // Sent without waiting for the answer before it, as no SDK does: the answer to that is the last on this connection.
    const by = taken.get(socket);
    if (by !== undefined && !held.has(socket)) {
      budget.charge(by);
      stopReading(socket);
    }
    if (held.has(socket) || socket.destroyed) {
      request.resume();
      return false;
    }
    const secret = readBearer(headers.authorization);
    const key = secret === undefined ? undefined : keys.find(secret);
    const bytes = Number(headers['content-length'] ?? MAX_BODY_BYTES);
    const asked = budget.ask(key ?? null, Math.min(bytes, MAX_BODY_BYTES), performance.now());
    if (!('release' in asked)) {
      onRefused();
      hold(socket, response, asked.retryAfterSeconds);
      // Not kept; and no more of it is read.
      request.resume();
      return false;
    }
    taken.set(socket, key ?? null);
    const late = setTimeout(() => socket.destroy(), BODY_MS).unref();
    request.once('end', () => clearTimeout(late));
    response.once('close', () => {
      clearTimeout(late);
      taken.delete(socket);
      asked.release();
      if (held.has(socket)) setTimeout(() => socket.destroy(), IMPATIENT_MS).unref();
    });
    return true;
  }

  function hold(socket: Socket, response: ServerResponse, retryAfterSeconds: number): void {
    if (held.size >= MAX_HELD) {
      skipRest(socket);
      socket.destroy();
      return;
    }
    stopReading(socket);
    const nowMs = performance.now();
    const dueMs = nowMs + Math.min(retryAfterSeconds, MAX_HOLD_SECONDS) * 1_000;
    lastAnswerMs = Math.max(dueMs, lastAnswerMs + 1_000 / ANSWERED_PER_SECOND);
    const timer = setTimeout(() => refuse(response, retryAfterSeconds), lastAnswerMs - nowMs).unref();
    socket.once('close', () => clearTimeout(timer));
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

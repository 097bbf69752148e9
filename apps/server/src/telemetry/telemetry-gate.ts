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
/** The longer the more were refused before; an SDK gives an answer up after 15 s. */
const MAX_HOLD_SECONDS = 5;
/** Refusals that wait at the same time, each with whatever requests were read with it; the connections of more are cut. */
const MAX_HELD = 500;
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
      if (held.has(socket)) setTimeout(() => socket.destroy(), MAX_HOLD_SECONDS * 1_000).unref();
    });
    return true;
  }

  function hold(socket: Socket, response: ServerResponse, retryAfterSeconds: number): void {
    if (held.size >= MAX_HELD) {
      socket.destroy();
      return;
    }
    stopReading(socket);
    const seconds = Math.min(retryAfterSeconds, MAX_HOLD_SECONDS);
    const timer = setTimeout(() => refuse(response, retryAfterSeconds), seconds * 1_000).unref();
    socket.once('close', () => clearTimeout(timer));
  }

  /** What else the connection sends stays with its sender. It is closed after this, and never read again. */
  function stopReading(socket: Socket & { _paused?: boolean }): void {
    held.add(socket);
    socket.once('close', () => held.delete(socket));
    // Node's own mark for a connection whose answers pile up. Without it the parser goes on after each message: 800 requests that were
    // sent at once were read before the pause, and a flood of them took the whole processor.
    socket._paused = true;
    socket.pause();
    setImmediate(() => socket.pause());
  }
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

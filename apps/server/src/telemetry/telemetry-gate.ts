/**
 * Refuses telemetry that is too much, before the web framework, before a body is read. Whoever is refused waits a second for the
 * answer: a connection takes no more than one refusal a second, and a flood is as slow as it has connections.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorBody } from '@yardarm/contract';
import { TELEMETRY_PATH } from '@yardarm/sync';
import type { SdkKeyCache } from '../delivery/sdk-keys.ts';
import { readBearer } from '../delivery/sync-credentials.ts';
import { SHARED_HEADERS } from '../ruleset/prepared-answer.ts';
import type { TelemetryBudget } from './telemetry-budget.ts';

/** Counts of a batch are at most 1 000, their names at most 200 characters. */
export const MAX_BODY_BYTES = 1024 * 1024;
const HOLD_MS = 1_000;
/** Refusals that wait at the same time; the connections of more are cut. */
const MAX_HELD = 2_000;
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
  const held = new Map<Socket, NodeJS.Timeout>();
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (request.url === TELEMETRY_PATH && request.method === 'POST' && !letIn(request, response)) return;
    for (const route of routes) route.call(server, request, response);
  });

  function letIn(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket, headers } = request;
    if (held.has(socket)) {
      // Sent without waiting for the answer before it.
      socket.destroy();
      return false;
    }
    const secret = readBearer(headers.authorization);
    const key = secret === undefined ? undefined : keys.find(secret);
    const bytes = Number(headers['content-length'] ?? MAX_BODY_BYTES);
    const asked = budget.ask(key ?? null, Math.min(bytes, MAX_BODY_BYTES), performance.now());
    if (!('release' in asked)) {
      onRefused();
      hold(socket, response, asked.retryAfterSeconds);
      return false;
    }
    const late = setTimeout(() => socket.destroy(), BODY_MS).unref();
    request.once('end', () => clearTimeout(late));
    response.once('close', () => {
      clearTimeout(late);
      asked.release();
    });
    return true;
  }

  function hold(socket: Socket, response: ServerResponse, retryAfterSeconds: number): void {
    if (held.size >= MAX_HELD) {
      socket.destroy();
      return;
    }
    // What else it sends stays with it.
    socket.pause();
    const timer = setTimeout(() => {
      held.delete(socket);
      refuse(response, retryAfterSeconds);
    }, HOLD_MS).unref();
    held.set(socket, timer);
    response.once('close', () => {
      clearTimeout(timer);
      held.delete(socket);
    });
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
  response.end(body);
}

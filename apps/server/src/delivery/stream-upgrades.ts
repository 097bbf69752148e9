/**
 * Handshakes of `WS /sync/v1/stream`. They pass a gate before the web framework sees them: what is refused for the load is
 * refused before anything is looked up. What is let in keeps nothing of its request.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import websocket from '@fastify/websocket';
import { CLOSE, STREAM_PATH, SUBPROTOCOL } from '@yardarm/sync';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { isMistyped } from '../auth/secrets.ts';
import { type ViewSource, waitForEnvironment } from './find-view.ts';
import type { Hub } from './hub.ts';
import { inTurns } from './in-turns.ts';
import { notTaken, overloaded, refuseUpgrade } from './refuse-upgrade.ts';
import type { SdkKey } from './sdk-keys.ts';
import { admit, readCredential, refuseOrigin } from './sync-credentials.ts';

/** SDKs send a hello and receipts; nothing of theirs is larger. */
const MAX_FRAME_BYTES = 64 * 1024;
const STRANGERS_RETRY_SECONDS = 5;
/** Handshakes between two looks at everything else: some 15 ms of work. */
const HANDSHAKES_PER_TURN = 50;
/** Time for a refused client to answer the close frame. The websocket library waits 30 s, in which it counts as a stranger. */
const REFUSED_MS = 1_000;

export interface StreamUpgradeOptions extends ViewSource {
  readonly hub: Hub;
  /** Whole seconds for which a new socket is to stay away; null: it is taken. */
  readonly waitSeconds: () => number | null;
  /** Sockets without a key that was let in: it is being looked up, or was refused and its owner has not gone. */
  readonly maxStrangers: number;
  /** Called before the server stops listening; sockets are closed when it resolves. */
  readonly beforeClose: () => Promise<void>;
}

/** Register it before the routes: the websocket plugin answers upgrades of those that come after it. */
export async function registerStreams(app: FastifyInstance, options: StreamUpgradeOptions): Promise<void> {
  const gate = openGate(app.server, options);
  await app.register(websocket, {
    options: {
      // Upgrades come from the gate, which emits them as a server would.
      server: gate.admitted as Server,
      clientTracking: false,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      // Never the entry that holds a key: the answer would echo it.
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    },
    errorHandler: (error, socket, request) => {
      request.log.warn({ err: error, requestId: request.id }, 'a handshake failed');
      socket.terminate();
    },
    // The plugin's own would close every socket before anybody could say goodbye.
    preClose: (done) => {
      options
        .beforeClose()
        .finally(() => gate.end())
        .then(() => done(), done);
    },
  });
  /** Whether the request's key was let in, and the response that the framework made for its socket. */
  const handshakes = new WeakMap<IncomingMessage, { readonly isAdmitted: boolean; readonly response: ServerResponse }>();
  app.get(
    STREAM_PATH,
    {
      websocket: true,
      config: { policy: 'sdk-key' },
      preValidation: async (request, reply) => {
        const key = await admit(readCredential(request), options.keys);
        if (key !== null) await waitForEnvironment(key, options);
        handshakes.set(request.raw, { isAdmitted: key !== null, response: reply.raw });
      },
    },
    (socket, request) => {
      const { isAdmitted = false, response } = handshakes.get(request.raw) ?? {};
      // Both hold the request, and would as long as the socket lives: some 5 kB for each of ten thousand.
      socket.removeAllListeners('error');
      response?.detachSocket(request.raw.socket);
      if (takeOver(socket, request, isAdmitted, options)) gate.welcome(request.raw.socket);
    },
  );
}

interface Handshake {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface Gate {
  /** Emits `upgrade` for what was let through. */
  readonly admitted: EventEmitter;
  /** Its key was let in: it is no stranger any more. */
  welcome(socket: Duplex): void;
  /** Cuts what is left, and from now on every new socket. Call it when the others have said goodbye. */
  end(): void;
}

function openGate(server: Server, { waitSeconds, maxStrangers }: StreamUpgradeOptions): Gate {
  const admitted = new EventEmitter();
  /** Node takes upgraded sockets off the HTTP server's books: one that nobody closes would keep the server from closing. */
  const open = new Set<Duplex>();
  const strangers = new Set<Duplex>();
  let ended = false;
  const letIn = inTurns<Handshake>(
    HANDSHAKES_PER_TURN,
    ({ request, socket, head }) => admitted.emit('upgrade', request, socket, head),
    ({ socket }) => socket.destroyed,
  );

  /** One function for all sockets: a closure for each would keep its request alive as long as the socket. */
  function forget(this: Duplex): void {
    open.delete(this);
    strangers.delete(this);
  }

  server.on('upgrade', (request, socket, head) => {
    if (ended) {
      socket.destroy();
      return;
    }
    socket.on('error', destroy);
    // First: what is not for the stream costs it nothing of its rate.
    if (request.url?.split('?', 1)[0] !== STREAM_PATH) return refuseUpgrade(socket, notTaken);
    const seconds = strangers.size < maxStrangers ? waitSeconds() : STRANGERS_RETRY_SECONDS;
    if (seconds !== null) return refuseUpgrade(socket, overloaded(seconds));
    open.add(socket);
    strangers.add(socket);
    socket.on('close', forget);
    letIn.push({ request, socket, head });
  });
  return {
    admitted,
    welcome: (socket) => strangers.delete(socket),
    end: () => {
      ended = true;
      for (const socket of open) socket.destroy();
    },
  };
}

function destroy(this: Duplex): void {
  this.destroy();
}

/**
 * True when the hub has it; else it is closed with the reason, since a browser is not shown the status of a handshake. Runs
 * in the turn of the upgrade, without an await: nothing can be missed and no revocation slips between.
 */
function takeOver(socket: WebSocket, request: FastifyRequest, isAdmitted: boolean, options: StreamUpgradeOptions): boolean {
  const { secret } = readCredential(request);
  const key = isAdmitted ? options.keys.find(secret) : undefined;
  const refusal = refusalOf(socket, key, secret, request.headers.origin);
  if (key === undefined || refusal !== null) {
    socket.on('error', () => socket.terminate());
    socket.close(refusal?.code, refusal?.reason);
    setTimeout(() => socket.terminate(), REFUSED_MS).unref();
    return false;
  }
  options.use.note(key.id);
  options.hub.accept(socket, key, request.raw.socket);
  return true;
}

function refusalOf({ protocol }: WebSocket, key: SdkKey | undefined, secret: string, origin: string | undefined) {
  if (key === undefined) return { code: CLOSE.key, reason: isMistyped(secret) ? 'SDK key mistyped' : 'SDK key refused' };
  if (refuseOrigin(key, origin) !== null) return { code: CLOSE.key, reason: 'origin not allowed for this key' };
  return protocol === SUBPROTOCOL ? null : { code: CLOSE.version, reason: `this server speaks ${SUBPROTOCOL}` };
}

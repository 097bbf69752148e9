/**
 * Handshakes of `WS /sync/v1/stream`, taken from the HTTP server itself and not by a route: what is refused for the load is
 * refused before anything is looked up, and what is let in keeps nothing of its request.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { CLOSE, STREAM_PATH, SUBPROTOCOL } from '@yardarm/sync';
import type { FastifyBaseLogger } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { isMistyped } from '../auth/secrets.ts';
import { AppError } from '../errors.ts';
import { toAppError } from '../http/error-handler.ts';
import { findEnvironment, type ViewSource } from './find-view.ts';
import type { Hub } from './hub.ts';
import { overloaded, refuseUpgrade } from './refuse-upgrade.ts';
import type { SdkKey } from './sdk-keys.ts';
import { admit, readCredential, refuseOrigin } from './sync-credentials.ts';

/** SDKs send a hello and receipts; nothing of theirs is larger. */
const MAX_FRAME_BYTES = 64 * 1024;
/** Sockets without a key that was let in: it is being looked up, or was refused and its owner has not gone. */
const MAX_STRANGERS = 1_000;
const STRANGERS_RETRY_SECONDS = 5;

export interface StreamUpgradeOptions extends ViewSource {
  readonly hub: Hub;
  /** Whole seconds for which a new socket is to stay away; null: it is taken. */
  readonly waitSeconds: () => number | null;
  readonly log: FastifyBaseLogger;
}

export interface StreamUpgrades {
  /** Cuts what is left, and from now on every new socket. Call it when the others have said goodbye. */
  end(): void;
}

export function acceptStreams(server: Server, options: StreamUpgradeOptions): StreamUpgrades {
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    // Never the entry that holds a key: the answer would echo it.
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  /** Node takes upgraded sockets off the HTTP server's books: one that nobody closes would keep the server from closing. */
  const open = new Set<Duplex>();
  const strangers = new Set<Duplex>();
  let ended = false;

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
    const seconds = strangers.size < MAX_STRANGERS ? options.waitSeconds() : STRANGERS_RETRY_SECONDS;
    if (seconds !== null) {
      refuseUpgrade(socket, overloaded(seconds));
      return;
    }
    open.add(socket);
    strangers.add(socket);
    socket.on('close', forget);
    void shakeHands(request, socket, head);
  });

  async function shakeHands(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    try {
      if (request.url?.split('?', 1)[0] !== STREAM_PATH)
        throw new AppError('not_found', `Nothing but ${STREAM_PATH} takes a websocket.`);
      const key = await admit(readCredential(request), options.keys);
      if (key !== null) await findEnvironment(key, options);
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (takeOver(webSocket, request, key !== null, options)) strangers.delete(socket);
      });
      socket.off('error', destroy);
    } catch (error) {
      const refusal = toAppError(error);
      if (refusal.code === 'internal') options.log.error({ err: error }, 'a handshake failed');
      refuseUpgrade(socket, refusal);
    }
  }

  return {
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
function takeOver(socket: WebSocket, request: IncomingMessage, isAdmitted: boolean, options: StreamUpgradeOptions): boolean {
  const { secret } = readCredential(request);
  const key = isAdmitted ? options.keys.find(secret) : undefined;
  const refusal = refusalOf(socket, key, secret, request.headers.origin);
  if (key === undefined || refusal !== null) {
    socket.on('error', () => socket.terminate());
    socket.close(refusal?.code, refusal?.reason);
    return false;
  }
  options.use.note(key.id);
  options.hub.accept(socket, key);
  return true;
}

function refusalOf({ protocol }: WebSocket, key: SdkKey | undefined, secret: string, origin: string | undefined) {
  if (key === undefined) return { code: CLOSE.key, reason: isMistyped(secret) ? 'SDK key mistyped' : 'SDK key refused' };
  if (refuseOrigin(key, origin) !== null) return { code: CLOSE.key, reason: 'origin not allowed for this key' };
  return protocol === SUBPROTOCOL ? null : { code: CLOSE.version, reason: `this server speaks ${SUBPROTOCOL}` };
}

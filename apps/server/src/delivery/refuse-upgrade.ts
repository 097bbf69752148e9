/** A refusal of a handshake, written on its bare socket: no request, no reply and no log line, since there may be thousands. */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorBody } from '@yardarm/contract';
import { STREAM_PATH } from '@yardarm/sync';
import type { AppError } from '../errors.ts';

/** As an AppError, but without the cost of a stack. */
export type UpgradeRefusal = Pick<AppError, 'code' | 'status' | 'message' | 'retryAfterSeconds'>;

export function refuseUpgrade(socket: Duplex, { code, status, message, retryAfterSeconds }: UpgradeRefusal): void {
  const error: ErrorBody = { error: { code, message, details: [], requestId: randomUUID() } };
  const body = JSON.stringify(error);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Cache-Control: no-store',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfterSeconds === undefined ? [] : [`Retry-After: ${retryAfterSeconds}`]),
  ];
  // Not only ended: a client that was killed, or does not care, would never close its half.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

/** The answer to an upgrade of anything but the stream. */
export const notTaken: UpgradeRefusal = {
  code: 'not_found',
  status: 404,
  message: `Nothing but ${STREAM_PATH} takes an upgrade. Ask again over HTTP/1.1 without the header Upgrade, which a client that offers h2c sends.`,
  retryAfterSeconds: undefined,
};

/** @param retryAfterSeconds whole seconds to stay away */
export function overloaded(retryAfterSeconds: number): UpgradeRefusal {
  const message = 'This server takes no more streams now; poll, and try the stream again later.';
  return { code: 'unavailable', status: 503, message, retryAfterSeconds };
}

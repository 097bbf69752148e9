/** A prepared answer to the wire: its bytes in an encoding that the reader takes, or a 304 for who has them. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Bytes, PreparedAnswer } from '../ruleset/prepared-answer.ts';
import { acceptedEncodings } from './accepted-encodings.ts';

/** True: it was sent. Otherwise the bytes are being made, and are to be sent with `sendBytes`. */
export function sendPrepared(
  headers: IncomingHttpHeaders,
  response: ServerResponse,
  prepared: PreparedAnswer,
): true | Promise<Bytes> {
  if (isKnown(headers['if-none-match'], prepared.etag)) {
    response.writeHead(304, [...prepared.unchanged]).end();
    return true;
  }
  const bytes = prepared.encoded(acceptedEncodings(headers['accept-encoding']));
  if (bytes instanceof Promise) return bytes;
  sendBytes(response, bytes);
  return true;
}

export function sendBytes(response: ServerResponse, { headers, body }: Bytes): void {
  response.writeHead(200, [...headers]).end(body);
}

/** Weak comparison of an `If-None-Match` list with an ETag. */
export function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag) return true;
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return header.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag));
}

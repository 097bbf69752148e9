/**
 * One GET or POST through node:http(s), shaped like a fetch response. Not `fetch`: its sockets keep the process alive
 * until they answer, and an application that is done must end even while a request hangs.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createGunzip } from 'node:zlib';
import type { HttpResponse } from '@yardarm/sync';

/** The whole answer, body included, has to be here by then. */
const TIMEOUT_MS = 15_000;

/** A POST where there is a body. Follows no redirect. Rejects with the socket's error, or when it takes longer than 15 seconds. */
export function httpSend(url: string, headers: { readonly [name: string]: string }, body?: string): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const send = /^https:/i.test(url) ? httpsRequest : httpRequest;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const method = body === undefined ? 'GET' : 'POST';
    const options = { method, headers: { ...headers, 'Accept-Encoding': 'gzip' }, agent: false, signal };
    const request = send(url, options, (answer) => resolve(toResponse(answer)));
    request.on('socket', (socket) => socket.unref());
    request.on('error', (error) => reject(signal.aborted ? new Error(`no answer within ${TIMEOUT_MS / 1000} seconds`) : error));
    // Node answers a switch of protocols that nobody asked for with this alone, and waiting would have no end.
    request.on('close', () => reject(new Error('the connection ended without an answer')));
    request.end(body);
  });
}

function toResponse(answer: IncomingMessage): HttpResponse {
  const gunzip = answer.headers['content-encoding'] === 'gzip' ? createGunzip() : undefined;
  // Errors of the source do not travel through a pipe. Those of gunzip reach whoever reads; where nobody does, as
  // with a refusal, an error without a listener would end the process.
  if (gunzip !== undefined) {
    gunzip.on('error', () => {});
    answer.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  }
  const chunks = (gunzip ?? answer)[Symbol.asyncIterator]();
  return {
    status: answer.statusCode ?? 0,
    headers: { get: (name) => [answer.headers[name.toLowerCase()]].flat()[0] ?? null },
    body: {
      getReader: () => ({
        read: async () => {
          const { done, value } = await chunks.next();
          return { done: done === true, value };
        },
        cancel: async () => {
          answer.destroy();
          gunzip?.destroy();
        },
      }),
    },
  };
}

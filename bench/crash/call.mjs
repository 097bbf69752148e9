// @ts-check
/** One request to the management API of a server that may be down. */
import { TOKEN } from './server.mjs';

const REQUEST_MS = 15_000;

/**
 * @typedef {{ method: string, path: string, body?: object, headers?: Record<string, string>, patienceMs?: number }} Request `path` below `/api/v1`
 * @typedef {{ status: number, etag: string, body: unknown }} Answer status 0: none came
 */

/**
 * @param {{ url: string }} target
 * @param {Request} request
 * @returns {Promise<Answer>}
 */
export async function call(target, { method, path, body, headers, patienceMs = REQUEST_MS }) {
  try {
    const response = await fetch(`${target.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
    return { status: response.status, etag: response.headers.get('etag') ?? '', body: await response.json() };
  } catch {
    return { status: 0, etag: '', body: null };
  }
}

/**
 * As `call`, and throws unless it succeeds.
 * @param {{ url: string }} target
 * @param {Request} request
 */
export async function mustCall(target, request) {
  const answer = await call(target, request);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`${request.method} ${request.path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}

/**
 * The short way to an evaluation: for a key and an environment in memory it is answered before any route, since the web framework takes
 * five times as long as the evaluation. Whatever else a request is (its key unknown, its page refused, its body unusual) goes on to its
 * route, which checks all of it again and can wait.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ViewSource } from '../delivery/find-view.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { refuseOrigin } from '../delivery/sync-credentials.ts';
import { openShortWay, type ShortWay } from '../http/short-way.ts';
import { INTERNAL_MESSAGE } from '../http/sqlstate.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import type { Warming } from './evaluable-views.ts';
import type { EvaluationRequest, Evaluator } from './evaluator.ts';
import type { OfrepAnswer } from './ofrep-answers.ts';
import { OFREP_HEADERS } from './ofrep-headers.ts';
import type { OfrepLimits } from './ofrep-limits.ts';
import { EVALUATE_PATH, keyTextOf, MAX_BODY_BYTES } from './ofrep-routes.ts';

export interface AnswerAtOnceOptions {
  readonly source: Pick<ViewSource, 'cache' | 'keys' | 'use'>;
  readonly limits: OfrepLimits;
  readonly evaluate: Evaluator;
  readonly warming: Warming;
  /** An evaluation threw, and its reader was told so. */
  readonly onFailure: (error: unknown) => void;
}

const SHARED = Object.entries(OFREP_HEADERS).flat();
const JSON_HEADERS = [...SHARED, 'Content-Type', 'application/json; charset=utf-8'];
const JSON_TYPE = /^application\/json(?:$|;)/i;

/** @param server whose requests have listeners already, which get those that are not answered here */
export function answerAtOnce(server: Server, options: AnswerAtOnceOptions): ShortWay {
  return openShortWay(server, (request, response) => tryAnswer(request, response, options));
}

function tryAnswer(request: IncomingMessage, response: ServerResponse, options: AnswerAtOnceOptions): boolean {
  const { method, url = '' } = request;
  if (method !== 'POST' || !url.startsWith(EVALUATE_PATH)) return false;
  const flag = flagOf(url);
  const place = flag === undefined ? undefined : placeOf(request, options);
  if (flag === undefined || place === undefined) return false;
  const { key, served } = place;
  if (flag === null && options.warming(served, key.kind) !== null) return false;
  options.source.use.note(key.id);
  const flags = flag === null ? served.rules.views[key.kind].bodies.size : 1;
  const retryAfterSeconds = options.limits.ask(key, performance.now(), flags);
  if (retryAfterSeconds !== null) {
    response.writeHead(429, [...SHARED, 'Retry-After', String(retryAfterSeconds), 'Content-Length', '0']).end();
    return true;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString('utf8');
    send(response, evaluateSafely(options, { key, served, flag, text, ifNoneMatch: request.headers['if-none-match'] }));
  });
  return true;
}

/** No web framework is around it: what it threw would end the process. */
function evaluateSafely({ evaluate, onFailure }: AnswerAtOnceOptions, asked: EvaluationRequest): OfrepAnswer {
  try {
    return evaluate(asked);
  } catch (error) {
    onFailure(error);
    return { status: 500, body: JSON.stringify({ errorDetails: INTERNAL_MESSAGE }) };
  }
}

/** Key of the flag; null: all of them; undefined: another address, or one that has to be looked at more closely. */
function flagOf(url: string): string | null | undefined {
  if (url.length === EVALUATE_PATH.length) return null;
  const rest = url.slice(EVALUATE_PATH.length + 1);
  return url[EVALUATE_PATH.length] === '/' && /^[\w.~-]{1,200}$/.test(rest) ? rest : undefined;
}

/** Undefined: it takes a route to tell. */
function placeOf(
  { headers }: IncomingMessage,
  { source }: AnswerAtOnceOptions,
): { readonly key: SdkKey; readonly served: ServedEnvironment } | undefined {
  const bytes = Number(headers['content-length'] ?? Number.NaN);
  if (!(bytes > 0 && bytes <= MAX_BODY_BYTES) || !JSON_TYPE.test(headers['content-type'] ?? '')) return undefined;
  const secret = keyTextOf(headers);
  const key = secret === undefined ? undefined : source.keys.find(secret);
  const served = key && source.cache.get(key.environmentId);
  if (key === undefined || served === undefined || refuseOrigin(key, headers.origin) !== null) return undefined;
  return { key, served };
}

function send(response: ServerResponse, { status, body, etag }: OfrepAnswer): void {
  const headers = body === null ? SHARED : [...JSON_HEADERS, 'Content-Length', String(Buffer.byteLength(body))];
  response.writeHead(status, etag === undefined ? headers : [...headers, 'ETag', etag]).end(body ?? undefined);
}

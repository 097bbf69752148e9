/**
 * `/ofrep/v1/*`: OpenFeature's remote evaluation protocol, version 0.3.0. Answered from the rule sets in memory, like `/sync`; the
 * database is asked only about a key that memory does not know.
 */
import type { View } from '@yardarm/sync';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findEnvironment, findKey, findView, readHave, type ViewSource } from '../delivery/find-view.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { AppError } from '../errors.ts';
import type { EvaluableViews } from './evaluable-views.ts';
import { answerBulk, answerSingle, type OfrepAnswer } from './ofrep-answers.ts';
import { answerOfrepError } from './ofrep-errors.ts';
import { OFREP_HEADERS, PREFLIGHT_HEADERS } from './ofrep-headers.ts';
import type { OfrepLimits } from './ofrep-limits.ts';

export const EVALUATE_PATH = '/ofrep/v1/evaluate/flags';
/** Contexts of people are a kilobyte; nothing about one takes this much. */
const MAX_BODY_BYTES = 128 * 1024;
/** Requests that wait to hear of a newer revision; whoever comes beyond is answered from what is known. */
const MAX_WAITING = 200;

export interface OfrepRouteOptions {
  readonly source: ViewSource;
  readonly views: EvaluableViews;
  readonly limits: OfrepLimits;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Path and query of a key's event stream, for who knows this version of its view. */
  readonly streamUri: (key: SdkKey, version: string) => string;
  /** The key was used to evaluate remotely. */
  readonly onUse: (key: SdkKey) => void;
}

/** Routes of one scope; register it in a plugin of its own. */
export function registerOfrepRoutes(scope: FastifyInstance, options: OfrepRouteOptions): void {
  const { source, views, limits, now, streamUri, onUse } = options;
  const config = { policy: 'sdk-key' } as const;
  let waiting = 0;
  scope.decorateRequest('sdkKey', null);
  scope.setErrorHandler(answerOfrepError);
  scope.removeAllContentTypeParsers();
  // Parsed where it is evaluated: the text itself is part of what an ETag stands for.
  scope.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string', bodyLimit: MAX_BODY_BYTES },
    async (_: unknown, text: string) => text,
  );
  scope.addHook('onRequest', async (request, reply) => {
    reply.headers(OFREP_HEADERS);
    // A preflight carries no key, and a stream has a token in its place.
    if (request.method !== 'POST') return;
    request.sdkKey = await admitRequest(request, source, limits);
  });
  scope.options('/ofrep/*', { config: { policy: 'public' } }, async (_request, reply) =>
    reply.code(204).headers(PREFLIGHT_HEADERS).send(),
  );

  scope.post<{ Params: { key: string } }>(`${EVALUATE_PATH}/:key`, { config }, async (request, reply) => {
    const { served, name } = await placeOf(request);
    return send(reply, answerSingle(views(served, name), request.params.key, textOf(request), now()));
  });

  scope.post(EVALUATE_PATH, { config }, async (request, reply) => {
    await waitForTold(request);
    const { served, name, key } = await placeOf(request);
    const view = views(served, name);
    const nowMs = now();
    const ifNoneMatch = request.headers['if-none-match'];
    const uri = streamUri(key, view.version(nowMs));
    return send(reply, answerBulk(view, { text: textOf(request), ifNoneMatch, keyId: key.id, streamUri: uri }, nowMs));
  });

  async function placeOf(request: FastifyRequest) {
    const key = keyOf(request);
    onUse(key);
    return { key, served: await findEnvironment(key, source), name: key.kind satisfies View };
  }

  /** A stream of another server told of a revision that this one may not have heard of yet. */
  async function waitForTold(request: FastifyRequest): Promise<void> {
    const told = readHave((request.query as { flagConfigEtag?: unknown }).flagConfigEtag);
    if (told === undefined || waiting >= MAX_WAITING) return;
    waiting++;
    try {
      await findView(request, told, source);
    } catch (error) {
      // It waited for longer than anybody is behind: what is known is the best answer there is.
      if (!(error instanceof AppError) || error.code !== 'unavailable') throw error;
    } finally {
      waiting--;
    }
  }
}

/** The key of a request, in either of the two headers of the protocol. Throws what `findKey` does, and `rate_limited`. */
async function admitRequest(request: FastifyRequest, source: ViewSource, limits: OfrepLimits): Promise<SdkKey> {
  const { headers } = request;
  const apiKey = headers['x-api-key'];
  // From here on there is one place where a key is looked for.
  if (headers.authorization === undefined && typeof apiKey === 'string') headers.authorization = `Bearer ${apiKey}`;
  const key = await findKey(request, source);
  const retryAfterSeconds = limits.ask(key, performance.now());
  if (retryAfterSeconds === null) return key;
  throw new AppError('rate_limited', 'This key asks for more evaluations than it may; wait.', { retryAfterSeconds });
}

function keyOf({ sdkKey, url }: FastifyRequest): SdkKey {
  if (sdkKey === null) throw new Error(`${url} has no key.`);
  return sdkKey;
}

function textOf({ body }: FastifyRequest): string {
  return typeof body === 'string' ? body : '';
}

function send(reply: FastifyReply, { status, body, etag }: OfrepAnswer): FastifyReply {
  if (etag !== undefined) reply.header('etag', etag);
  if (body !== null) reply.type('application/json; charset=utf-8');
  return reply.code(status).send(body ?? undefined);
}

/**
 * `/ofrep/v1/*`: OpenFeature's remote evaluation protocol, version 0.3.0. Answered from the rule sets in memory, like `/sync`; the
 * database is asked only about a key that memory does not know.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findEnvironment, findKey, findView, readHave, type ViewSource } from '../delivery/find-view.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { readBearer } from '../delivery/sync-credentials.ts';
import { AppError } from '../errors.ts';
import type { Warming } from './evaluable-views.ts';
import type { Evaluator } from './evaluator.ts';
import type { OfrepAnswer } from './ofrep-answers.ts';
import { answerOfrepError } from './ofrep-errors.ts';
import { OFREP_HEADERS, PREFLIGHT_HEADERS } from './ofrep-headers.ts';
import type { OfrepLimits } from './ofrep-limits.ts';

export const EVALUATE_PATH = '/ofrep/v1/evaluate/flags';
/** Contexts of people are a kilobyte; nothing about one takes this much. */
export const MAX_BODY_BYTES = 128 * 1024;
/** Requests that wait to hear of a newer revision; whoever comes beyond is answered from what is known. */
const MAX_WAITING = 200;

export interface OfrepRouteOptions {
  readonly source: ViewSource;
  readonly limits: OfrepLimits;
  readonly evaluate: Evaluator;
  readonly warming: Warming;
}

/** Routes of one scope; register it in a plugin of its own. */
export function registerOfrepRoutes(scope: FastifyInstance, options: OfrepRouteOptions): void {
  const { source, limits, evaluate, warming } = options;
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
    return send(reply, await answer(request, request.params.key));
  });

  scope.post(EVALUATE_PATH, { config }, async (request, reply) => {
    await waitForTold(request);
    return send(reply, await answer(request, null));
  });

  async function answer(request: FastifyRequest, flag: string | null): Promise<OfrepAnswer> {
    const key = keyOf(request);
    const served = await findEnvironment(key, source);
    if (flag === null) await warming(served, key.kind);
    return evaluate({ key, served, flag, text: textOf(request), ifNoneMatch: request.headers['if-none-match'] });
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

/** The key of a request. Throws what `findKey` does, and `rate_limited`. */
async function admitRequest(request: FastifyRequest, source: ViewSource, limits: OfrepLimits): Promise<SdkKey> {
  const { headers } = request;
  const secret = keyTextOf(headers);
  // From here on there is one place where a key is looked for.
  if (headers.authorization === undefined && secret !== undefined) headers.authorization = `Bearer ${secret}`;
  const key = await findKey(request, source);
  const retryAfterSeconds = limits.ask(key, performance.now(), flagsOf(request, key, source));
  if (retryAfterSeconds === null) return key;
  throw new AppError('rate_limited', 'This key asks for more evaluations than it may; wait.', { retryAfterSeconds });
}

/** The text of a key, in either of the two headers of the protocol. */
export function keyTextOf(headers: IncomingHttpHeaders): string | undefined {
  if (headers.authorization !== undefined) return readBearer(headers.authorization);
  const apiKey = headers['x-api-key'];
  return typeof apiKey === 'string' ? apiKey : undefined;
}

/** How many flags the request asks for. */
function flagsOf({ params }: FastifyRequest, { environmentId, kind }: SdkKey, { cache }: ViewSource): number {
  return Object.hasOwn(params as object, 'key') ? 1 : (cache.get(environmentId)?.rules.views[kind].bodies.size ?? 1);
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

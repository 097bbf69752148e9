/** `/flagd/v1/*`: what a flagd daemon, or a provider that reads definitions over HTTP, is served from memory. Server keys only. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findEnvironment, findKey, type ViewSource } from '../delivery/find-view.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { sendBytes, sendPrepared } from '../delivery/send-prepared.ts';
import { AppError } from '../errors.ts';
import type { FlagdDefinition, FlagdDefinitions } from './flagd-export.ts';

export interface FlagdRouteOptions {
  readonly source: ViewSource;
  readonly definitions: FlagdDefinitions;
  /** Flags were fetched with this key. */
  readonly onUse: (key: SdkKey) => void;
}

const SDK_KEY = { policy: 'sdk-key' } as const;
const YAML_TYPE = /^(?:application|text)\/(?:x-)?yaml$/;
const JSON_TYPE = /^(?:application\/json|application\/\*|\*\/\*)$/;

export function registerFlagdRoutes(app: FastifyInstance, { source, definitions, onUse }: FlagdRouteOptions): void {
  app.get('/flagd/v1/flags.json', { config: SDK_KEY }, async (request, reply) => {
    const definition = await definitionOf(request);
    await answer(request, reply, prefersYaml(request.headers.accept) ? definition.yaml : definition.json);
  });
  app.get('/flagd/v1/obstacles', { config: SDK_KEY }, async (request, reply) => {
    const { obstacles } = await definitionOf(request);
    return reply
      .type('application/json; charset=utf-8')
      .header('cache-control', 'private, no-cache')
      .send(JSON.stringify({ obstacles }));
  });

  async function definitionOf(request: FastifyRequest): Promise<FlagdDefinition> {
    const key = await findKey(request, source);
    if (key.kind === 'client')
      throw new AppError('forbidden', 'A client key sees hashed rules, which flagd cannot read: use a server key.');
    const served = await findEnvironment(key, source);
    onUse(key);
    return definitions(served);
  }
}

/** Whether YAML is asked for more than JSON; where both are as good, the one that is named first. */
export function prefersYaml(accept: string | undefined): boolean {
  const offers = (accept ?? '').split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { type, weight: q === undefined ? 1 : Number(q) || 0 };
  });
  // Stable: equals stay in the order in which they are named.
  const best = offers
    .filter(({ type, weight }) => weight > 0 && (YAML_TYPE.test(type) || JSON_TYPE.test(type)))
    .sort((a, b) => b.weight - a.weight)[0];
  return best !== undefined && YAML_TYPE.test(best.type);
}

/** Past Fastify's way of sending: the headers were prepared with the bytes. */
async function answer({ headers }: FastifyRequest, reply: FastifyReply, prepared: FlagdDefinition['json']): Promise<void> {
  const sent = sendPrepared(headers, reply.raw, prepared);
  if (sent !== true) sendBytes(reply.raw, await sent);
  reply.hijack();
}

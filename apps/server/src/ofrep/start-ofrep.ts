/** Composition of remote evaluation: evaluable views, limits, event streams and their routes. */
import type { FastifyInstance } from 'fastify';
import type { ViewSource } from '../delivery/find-view.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { answerAtOnce } from './answer-at-once.ts';
import { createEvaluableViews, type Warming } from './evaluable-views.ts';
import { createEvaluator } from './evaluator.ts';
import { createOfrepLimits, DEFAULT_OFREP_PER_SECOND } from './ofrep-limits.ts';
import { registerOfrepRoutes } from './ofrep-routes.ts';
import { createRefetchHub } from './refetch-hub.ts';
import { DEFAULT_STREAM_COUNTS, registerStreamRoute, type StreamCounts, streamUriOf } from './stream-route.ts';
import { createStreamTokens } from './stream-token.ts';

export interface OfrepSettings {
  /** Of the server; see secret-file.ts. */
  readonly secret: string;
  /** Requests a second of one client key; left out: 1 000. */
  readonly perSecond?: number;
  /** Left out: 5 000 of one key, 10 000 in all. */
  readonly streams?: StreamCounts;
}

export interface OfrepOptions extends OfrepSettings {
  readonly source: ViewSource;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Flags were evaluated with this key. */
  readonly onUse: (key: SdkKey) => void;
}

export interface Ofrep {
  readonly registerRoutes: (app: FastifyInstance) => Promise<void>;
  /** What is served of an environment has changed. */
  readonly advance: (served: ServedEnvironment) => void;
  /** Open event streams. */
  readonly streams: () => number;
  readonly close: () => void;
}

export function startOfrep(options: OfrepOptions): Ofrep {
  const { source, now, onUse, secret, perSecond = DEFAULT_OFREP_PER_SECOND, streams: counts = DEFAULT_STREAM_COUNTS } = options;
  const { cache, keys } = source;
  const views = createEvaluableViews();
  const warming: Warming = (served, name) => views(served, name).warming();
  const warm = async ({ environmentId, kind }: SdkKey) => {
    const served = cache.get(environmentId);
    if (served !== undefined) await warming(served, kind);
  };
  const tokens = createStreamTokens(secret);
  const hub = createRefetchHub({
    current: (environmentId, name) => {
      const served = cache.get(environmentId);
      if (served === undefined) return undefined;
      const { epoch, revision } = served.rules;
      return { version: views(served, name).version(now()), position: `${epoch}.${revision}` };
    },
    isActive: (keyId) => keys.findById(keyId) !== undefined,
  });
  return {
    registerRoutes: async (app) => {
      const limits = createOfrepLimits(perSecond);
      const streamUri = (key: SdkKey, version: string) => streamUriOf(tokens.mint(key.id, now()), version);
      const evaluate = createEvaluator({ views, now, streamUri, onUse });
      const shortWay = answerAtOnce(app.server, {
        ...{ source, limits, evaluate, warming },
        onFailure: (error) => app.log.error({ err: error }, 'request failed'),
      });
      app.addHook('preClose', async () => shortWay.end());
      await app.register(async (scope) => {
        registerOfrepRoutes(scope, { source, limits, evaluate, warming });
        registerStreamRoute(scope, { hub, tokens, counts, findKey: keys.findById, warm, now });
      });
    },
    advance: (served) => hub.advance(served.rules.environmentId),
    streams: () => hub.count(),
    close: hub.close,
  };
}

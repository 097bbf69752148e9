/**
 * What a route asks of its caller, declared in the route's `config.policy`. A route that declares nothing
 * stops the start, so that nobody publishes one by forgetting.
 */
import type { FastifyInstance } from 'fastify';
import type { Action } from './roles.ts';

/**
 * `public`: anybody (sign-in, health, the admin UI's files). `sdk-key`: the handler checks an SDK key and
 * ignores cookies. Otherwise an action: a signed-in person or API token that `policies.ts` lets do it.
 */
export type RoutePolicy = 'public' | 'sdk-key' | Action;

declare module 'fastify' {
  interface FastifyContextConfig {
    policy?: RoutePolicy;
  }
}

/** Makes registration of a route without a policy throw. CORS preflights carry no credentials and need none. */
export function requirePolicies(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.method === 'OPTIONS' || route.config?.policy !== undefined) return;
    throw new Error(`Route ${String(route.method)} ${route.url} declares no policy: give it config: { policy }.`);
  });
}

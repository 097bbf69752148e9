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

/** One route as it was registered, for whoever looks at all of them. */
export interface RegisteredRoute {
  readonly method: string;
  readonly url: string;
  readonly policy: RoutePolicy;
}

/**
 * Makes registration of a route without a policy throw. CORS preflights carry no credentials and need none.
 * @param onRoute hears of every other route; each method apart.
 */
export function requirePolicies(app: FastifyInstance, onRoute: (route: RegisteredRoute) => void = () => {}): void {
  app.addHook('onRoute', (route) => {
    const policy = route.config?.policy;
    if (route.method === 'OPTIONS') return;
    for (const method of policy === undefined ? [] : [route.method].flat())
      onRoute({ method, url: route.url, policy: policy as RoutePolicy });
    if (policy !== undefined) return;
    throw new Error(`Route ${String(route.method)} ${route.url} declares no policy: give it config: { policy }.`);
  });
}

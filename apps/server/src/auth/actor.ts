/** Who does something: a signed-in person, an API token, or the server itself (bootstrap, demo). */
export type Actor =
  | { readonly kind: 'person'; readonly id: string; readonly name: string }
  | { readonly kind: 'token'; readonly id: string; readonly name: string }
  | { readonly kind: 'system'; readonly name: string };

/** The server acting on its configuration; never reachable from a request. */
export const BOOTSTRAP_ACTOR: Actor = { kind: 'system', name: 'bootstrap' };

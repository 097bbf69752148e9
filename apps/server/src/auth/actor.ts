/** Who does something: a signed-in person, an API token, software with a token of its own, or the server itself. */
export type Actor =
  | { readonly kind: 'person'; readonly id: string; readonly name: string }
  | {
      readonly kind: 'token' | 'agent';
      readonly id: string;
      readonly name: string;
      /** Each use of it is looked at afterwards. */
      readonly breakGlass: boolean;
    }
  | { readonly kind: 'system'; readonly name: string };

/** The delivery side, where the database contradicts what it serves. */
export const DELIVERY_ACTOR: Actor = { kind: 'system', name: 'delivery' };

/** The server acting on its configuration; never reachable from a request. */
export const BOOTSTRAP_ACTOR: Actor = { kind: 'system', name: 'bootstrap' };

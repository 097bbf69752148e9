import { toToken } from './sign-in-token.ts';

/**
 * The token of the link in the address, which is cleared at once: a fragment reaches no server log, and should not stay
 * in the history of the browser either. Empty where there is none.
 */
export function takeToken(): string {
  const token = toToken(window.location.hash);
  if (token) window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
  return token;
}

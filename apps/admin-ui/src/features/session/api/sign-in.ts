import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Session } from '@yardarm/contract';
import { callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export type SignInWith =
  /** Of a one-time link, or an API token. */
  | { readonly token: string }
  | { readonly name: string; readonly password: string }
  /** Of a set-up, invite or reset link, with the password to have from now on. */
  | { readonly token: string; readonly password: string; readonly name: string | undefined };

/** Trades what somebody knows for a session cookie. */
export function useSignIn() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: SignInWith) => callApi<Session>(pathFor(body), { method: 'POST', body, repetition: 'never' }),
    onSuccess: (session) => {
      // Whatever is cached belongs to whoever was signed in before.
      queryClient.clear();
      queryClient.setQueryData(queryKeys.session, session);
    },
  });
}

function pathFor(body: SignInWith): string {
  if (!('password' in body)) return '/session';
  return 'token' in body ? '/password' : '/session/password';
}

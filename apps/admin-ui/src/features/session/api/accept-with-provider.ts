import { useMutation } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

/** Leaves for the identity provider with an invite in hand: whoever signs in there has the invited account from then on. */
export function useAcceptWithProvider() {
  return useMutation({
    mutationFn: (token: string) =>
      callApi<{ url: string }>('/oidc/sign-in', { method: 'POST', body: { token }, repetition: 'never' }),
    onSuccess: ({ url }) => window.location.assign(url),
  });
}

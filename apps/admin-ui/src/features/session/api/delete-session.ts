import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

export function useDeleteSession() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => callApi<undefined>('/session', { method: 'DELETE' }),
    onSuccess: () => queryClient.clear(),
  });
}

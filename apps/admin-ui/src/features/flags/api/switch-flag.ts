import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CommittedFlag } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { storeFlagEnvironment } from './store-flag-environment.ts';

export interface SwitchFlag {
  readonly key: string;
  readonly environment: string;
  /** False kills the flag, true unkills it. */
  readonly on: boolean;
  readonly reason?: string;
}

/** Kills or unkills a flag. The answer, and nothing before it, moves the switch. */
export function useSwitchFlag(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'flag'],
    mutationFn: ({ key, environment, on, reason }: SwitchFlag) =>
      callApi<CommittedFlag>(apiPath('projects', project, 'flags', key, 'environments', environment, on ? 'unkill' : 'kill'), {
        method: 'POST',
        body: reason ? { reason } : {},
        // Killing what is off changes nothing, and a key would cost the kill time. An unkill must not undo somebody's kill meanwhile.
        ...(!on && { repetition: 'harmless' }),
      }),
    onSuccess: ({ flag }, { key }) => storeFlagEnvironment(queryClient, project, key, flag),
  });
}

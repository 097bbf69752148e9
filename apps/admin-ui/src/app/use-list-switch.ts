/** Switching flags from the list: which cells wait, and which switch was the last to be committed. */
import { Toast } from '@base-ui/react/toast';
import { useCallback, useState } from 'react';
import { type SwitchFlag, useSwitchFlag } from '../features/flags/api/switch-flag.ts';
import { toSentence } from '../lib/api-client.ts';

export interface Switched extends SwitchFlag {
  readonly revision: number;
  readonly atMs: number;
}

export function useListSwitch(project: string) {
  const { add } = Toast.useToastManager();
  const { mutateAsync } = useSwitchFlag(project);
  const [pending, setPending] = useState<ReadonlySet<string>>(new Set());
  const [switched, setSwitched] = useState<Switched | null>(null);

  const send = useCallback(
    async (request: SwitchFlag) => {
      const cell = cellOf(request.key, request.environment);
      setPending((cells) => new Set(cells).add(cell));
      try {
        const { revision } = await mutateAsync(request);
        setSwitched({ ...request, revision, atMs: Date.now() });
      } catch (error) {
        add({
          type: 'error',
          priority: 'high',
          title: `${request.key} was not switched in ${request.environment}`,
          description: toSentence(error),
        });
      } finally {
        setPending((cells) => new Set([...cells].filter((one) => one !== cell)));
      }
    },
    [add, mutateAsync],
  );
  const switchFlag = useCallback((request: SwitchFlag) => void send(request), [send]);

  return {
    switchFlag,
    isPending: (key: string, environment: string) => pending.has(cellOf(key, environment)),
    switched,
    dismiss: () => setSwitched(null),
  };
}

function cellOf(key: string, environment: string): string {
  return `${key} ${environment}`;
}

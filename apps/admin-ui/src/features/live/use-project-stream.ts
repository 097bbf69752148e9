/** Keeps one stream per open project and has everything it names fetched again. */
import { type Mutation, useQueryClient } from '@tanstack/react-query';
import type { Notification, Session } from '@yardarm/contract';
import { useEffect, useEffectEvent, useState } from 'react';
import { openProjectStream, type StreamSource, type StreamStatus } from '../../lib/project-stream.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { isOwnChange, type OwnRequest } from './own-changes.ts';
import { staleKeys } from './stale-keys.ts';

/** `onForeignChange`: somebody else, or this person elsewhere, changed what the notification names. */
export function useProjectStream(project: string, onForeignChange: (notification: Notification) => void): StreamStatus {
  const queryClient = useQueryClient();
  const [status, setStatus] = useState<StreamStatus>('connecting');

  const receive = useEffectEvent((data: string) => {
    const notification = JSON.parse(data) as Notification;
    for (const queryKey of staleKeys(project, notification)) void queryClient.invalidateQueries({ queryKey });
    const session = queryClient.getQueryData<Session>(queryKeys.session);
    const requests = queryClient.getMutationCache().findAll({ mutationKey: ['change', notification.kind] });
    if (!isOwnChange(notification, { actor: session?.actor.name, requests: requests.map(toOwnRequest) }, Date.now()))
      onForeignChange(notification);
  });

  useEffect(
    () =>
      openProjectStream({
        open: () => new EventSource(`/api/v1/projects/${encodeURIComponent(project)}/stream`) as StreamSource,
        onMessage: (data) => receive(data),
        onStatus: setStatus,
        // Notifications may have been missed in the gap.
        onReconnect: () => void queryClient.invalidateQueries(),
        // If the session has ended, this finds out; a server that is away changes nothing.
        onRefused: () => void queryClient.invalidateQueries({ queryKey: queryKeys.session }),
        schedule: (callback, delayMs) => {
          const timer = setTimeout(callback, delayMs);
          return () => clearTimeout(timer);
        },
        random: Math.random,
      }),
    [project, queryClient],
  );
  return status;
}

/** Requests that change something carry the entity's key and, where they concern one, its environment. */
function toOwnRequest({ state }: Mutation): OwnRequest {
  const { key, environment } = state.variables as { readonly key?: string; readonly environment?: string };
  return { key: key ?? null, environment: environment ?? null, submittedAtMs: state.submittedAt };
}

/** Listens to the stream of the open project and has everything it names fetched again. */
import { type Mutation, useQueryClient } from '@tanstack/react-query';
import type { Notification, Receipts, Session } from '@yardarm/contract';
import { useEffect, useEffectEvent, useState } from 'react';
import type { StreamStatus } from '../../lib/project-stream.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { watchGaps } from './live-gaps.ts';
import { openTabStream } from './open-tab-stream.ts';
import { isOwnChange, type OwnRequest } from './own-changes.ts';
import { staleKeys } from './stale-keys.ts';

export interface ProjectStreamOptions {
  /** Something changed, whoever did it. */
  readonly onChange: (notification: Notification) => void;
  /** Somebody else, or this person elsewhere, changed what the notification names. */
  readonly onForeignChange: (notification: Notification) => void;
}

export function useProjectStream(project: string, { onChange, onForeignChange }: ProjectStreamOptions): StreamStatus {
  const queryClient = useQueryClient();
  const [status, setStatus] = useState<StreamStatus>('connecting');

  const receive = useEffectEvent((data: string) => {
    const notification = JSON.parse(data) as Notification;
    for (const queryKey of staleKeys(project, notification)) void queryClient.invalidateQueries({ queryKey });
    onChange(notification);
    const session = queryClient.getQueryData<Session>(queryKeys.session);
    const requests = queryClient.getMutationCache().findAll({ mutationKey: ['change', notification.kind] });
    if (!isOwnChange(notification, { actor: session?.actor.name, requests: requests.map(toOwnRequest) }, Date.now()))
      onForeignChange(notification);
  });

  // Into the place of whoever looks at that environment's receipts now, and of nobody else.
  const receiveReceipts = useEffectEvent((data: string) => {
    const receipts = JSON.parse(data) as Receipts;
    const queryKey = queryKeys.receipts(project, receipts.environment);
    if (queryClient.getQueryCache().find({ queryKey })) queryClient.setQueryData(queryKey, receipts);
  });

  useEffect(() => {
    const noteStatus = watchGaps(() => void queryClient.invalidateQueries());
    return openTabStream(project, {
      report: (event) => {
        if (event.kind === 'notification') return receive(event.data);
        if (event.kind === 'receipts') return receiveReceipts(event.data);
        if (event.kind === 'views') return void queryClient.invalidateQueries({ queryKey: queryKeys.views(project) });
        noteStatus(event.status);
        setStatus(event.status);
      },
      // If the session has ended, this finds out; a server that is away changes nothing.
      onRefused: () => void queryClient.invalidateQueries({ queryKey: queryKeys.session }),
    });
  }, [project, queryClient]);
  return status;
}

/** Requests that change something carry the entity's key and, where they concern one, its environment. */
function toOwnRequest({ state }: Mutation): OwnRequest {
  const { key, environment } = state.variables as { readonly key?: string; readonly environment?: string };
  return { key: key ?? null, environment: environment ?? null, submittedAtMs: state.submittedAt };
}

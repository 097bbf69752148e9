import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Webhook, WebhookDelivery } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { listAll, type PageOf } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Messages are sent within seconds, and tried again after a while. */
const REFETCH_MS = 10_000;

export function webhooksQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.webhooks(project),
    queryFn: ({ signal }) => listAll<Webhook>(apiPath('projects', project, 'webhooks'), signal),
    refetchInterval: REFETCH_MS,
  });
}

/** What was sent to a webhook, newest first. */
export function deliveriesQuery(project: string, webhook: string) {
  const path = apiPath('projects', project, 'webhooks', webhook, 'deliveries');
  return infiniteQueryOptions({
    queryKey: queryKeys.deliveries(project, webhook),
    queryFn: ({ pageParam, signal }) =>
      callApi<PageOf<WebhookDelivery>>(`${path}?limit=20${pageParam === null ? '' : `&cursor=${pageParam}`}`, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: REFETCH_MS,
  });
}

export type WebhookFields = Pick<Webhook, 'name' | 'url' | 'format' | 'commands' | 'environments' | 'enabled'>;

export interface SaveWebhook {
  /** Null: a new one. */
  readonly webhook: Pick<Webhook, 'id' | 'version'> | null;
  readonly fields: WebhookFields;
}

/** Makes or edits a webhook; the answer to a new one is the only one that ever carries its secret. */
export function useSaveWebhook(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'webhook'],
    mutationFn: ({ webhook, fields }: SaveWebhook) =>
      webhook === null
        ? callApi<Webhook>(apiPath('projects', project, 'webhooks'), { method: 'POST', body: fields })
        : callApi<Webhook>(apiPath('projects', project, 'webhooks', webhook.id), {
            method: 'PATCH',
            body: fields,
            ifVersion: webhook.version,
          }),
    // The secret must not outlive the dialog that shows it.
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.webhooks(project) }),
  });
}

export function useDeleteWebhook(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'webhook'],
    mutationFn: ({ id, version }: Webhook) =>
      callApi<unknown>(apiPath('projects', project, 'webhooks', id), { method: 'DELETE', ifVersion: version }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.webhooks(project) }),
  });
}

/** Sends what was sent before once more, as a delivery of its own. */
export function useSendAgain(project: string, webhook: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (delivery: number) =>
      callApi<WebhookDelivery>(apiPath('projects', project, 'webhooks', webhook, 'deliveries', String(delivery), 'send-again'), {
        method: 'POST',
        repetition: 'never',
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.deliveries(project, webhook) }),
  });
}

export interface TestResult {
  readonly ok: boolean;
  readonly status: number | null;
  readonly error: string | null;
}

/** Sends a test message now, and answers what became of it. */
export function useTestWebhook(project: string) {
  return useMutation({
    mutationFn: (id: string) =>
      callApi<TestResult>(apiPath('projects', project, 'webhooks', id, 'test'), {
        ...{ method: 'POST', timeoutMs: 30_000, repetition: 'never' },
      }),
  });
}

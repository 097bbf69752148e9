import { useInfiniteQuery } from '@tanstack/react-query';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { ErrorState, InlineError } from '../../../components/ui/notice.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { classNames } from '../../../lib/class-names.ts';
import { toMinute } from '../../../lib/time.ts';
import { deliveriesQuery, useSendAgain } from '../api/webhooks.ts';
import { changeWords, deliveryState } from '../describe-webhook.ts';

/** What was sent to one webhook, and what became of it. */
export function Deliveries({ project, webhook }: { readonly project: string; readonly webhook: string }) {
  const deliveries = useInfiniteQuery(deliveriesQuery(project, webhook));
  const sending = useSendAgain(project, webhook);
  const items = deliveries.data?.pages.flatMap((page) => page.items) ?? [];
  if (deliveries.error && !deliveries.data)
    return <ErrorState message={toSentence(deliveries.error)} onRetry={() => void deliveries.refetch()} />;
  if (!deliveries.data) return <SkeletonRows rows={3} label="Loading deliveries" />;
  if (items.length === 0)
    return (
      <p className="px-4 py-6 text-balance text-center text-ink-faint text-sm">
        Nothing was sent yet. The next change that it is told of will be.
      </p>
    );
  return (
    <>
      <ul className="divide-y divide-line">
        {items.map((delivery) => {
          const { label, tone } = deliveryState(delivery);
          return (
            <li key={delivery.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
              <Badge tone={tone}>{label}</Badge>
              <span title={delivery.command}>{changeWords(delivery.command)}</span>
              <span className="text-ink-faint text-xs">change set {delivery.changeSet}</span>
              {delivery.state !== 'delivered' && delivery.lastError && (
                <span className="min-w-0 break-words text-ink-soft text-xs">{delivery.lastError}</span>
              )}
              {delivery.state === 'waiting' && delivery.nextAttemptAt && tone === 'warn' && (
                <span className="text-ink-faint text-xs">again {toMinute(Date.parse(delivery.nextAttemptAt))}</span>
              )}
              <RelativeTime at={delivery.deliveredAt ?? delivery.createdAt} className="ml-auto text-ink-faint text-xs" />
              <Button
                size="sm"
                look="ghost"
                className={classNames('-my-1 -mr-2', delivery.state === 'waiting' && 'invisible')}
                pending={sending.isPending && sending.variables === delivery.id}
                aria-label={`Send again: ${changeWords(delivery.command)} of change set ${delivery.changeSet}`}
                onClick={() => sending.mutate(delivery.id)}
              >
                Send again
              </Button>
            </li>
          );
        })}
      </ul>
      {sending.error && (
        <div className="px-4 pb-3">
          <InlineError message={toSentence(sending.error)} />
        </div>
      )}
      {deliveries.hasNextPage && (
        <div className="flex justify-center border-line border-t p-2">
          <Button size="sm" onClick={() => deliveries.fetchNextPage()} pending={deliveries.isFetchingNextPage}>
            Show older
          </Button>
        </div>
      )}
    </>
  );
}

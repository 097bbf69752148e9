import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Webhook } from '@yardarm/contract';
import { useState } from 'react';
import { LockedNote } from '../../components/locked.tsx';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { PlusIcon, SendIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { useDeleteWebhook, webhooksQuery } from '../../features/webhooks/api/webhooks.ts';
import { WebhookCard } from '../../features/webhooks/components/webhook-card.tsx';
import { WebhookDialog } from '../../features/webhooks/components/webhook-dialog.tsx';
import { toSentence } from '../../lib/api-client.ts';
import { actionLock, useMay } from '../../lib/rights.ts';
import { useConfirmation } from '../../lib/use-confirmation.ts';

export default function WebhooksPage() {
  const { project } = useParams({ from: '/projects/$project/webhooks' });
  const locked = actionLock(useMay(project), 'webhook.read', 'see the webhooks of this project');
  const webhooks = useQuery({ ...webhooksQuery(project), enabled: locked === undefined });
  const { data: environments = [] } = useQuery(environmentsQuery(project));
  const [editing, setEditing] = useState<Webhook | 'new' | null>(null);
  const deleting = useConfirmation(useDeleteWebhook(project));
  const newWebhook = (
    <Button look="primary" onClick={() => setEditing('new')}>
      <PlusIcon /> New webhook
    </Button>
  );
  return (
    <Page
      title="Webhooks"
      description="Who is told of changes, and whether it arrived."
      actions={locked === undefined && newWebhook}
    >
      {locked !== undefined ? (
        <LockedNote why={locked} />
      ) : webhooks.error && !webhooks.data ? (
        <ErrorState message={toSentence(webhooks.error)} onRetry={() => void webhooks.refetch()} />
      ) : !webhooks.data ? (
        <SkeletonRows rows={3} label="Loading webhooks" />
      ) : webhooks.data.length === 0 ? (
        <div className="rounded-lg border border-line bg-surface shadow-card">
          <EmptyState icon={<SendIcon className="size-5" />} title="No webhooks yet">
            Tell a chat channel of every kill, or your own service of every change. Messages are signed, and tried again for
            hours.
          </EmptyState>
        </div>
      ) : (
        <div className="space-y-3">
          {webhooks.data.map((webhook) => (
            <WebhookCard
              key={webhook.id}
              project={project}
              webhook={webhook}
              onEdit={() => setEditing(webhook)}
              onDelete={() => deleting.ask(webhook)}
            />
          ))}
        </div>
      )}
      {editing && (
        <WebhookDialog
          project={project}
          environments={environments}
          webhook={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
      {deleting.subject && (
        <ConfirmDialog
          {...deleting.dialog}
          title={`Delete '${deleting.subject.name}'?`}
          description="It is told of nothing more, and what is known of its deliveries goes with it."
          action="Delete webhook"
        />
      )}
    </Page>
  );
}

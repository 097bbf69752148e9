import type { Webhook } from '@yardarm/contract';
import { useState } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { useTestWebhook } from '../api/webhooks.ts';
import { describeFilters, stateOf } from '../describe-webhook.ts';
import { Deliveries } from './deliveries.tsx';

export interface WebhookCardProps {
  readonly project: string;
  readonly webhook: Webhook;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

export function WebhookCard({ project, webhook, onEdit, onDelete }: WebhookCardProps) {
  const [open, setOpen] = useState(false);
  const testing = useTestWebhook(project);
  const { label, tone } = stateOf(webhook, Date.now());
  return (
    <section aria-label={webhook.name} className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
        <div className="min-w-0 flex-1 basis-64">
          <div className="flex flex-wrap items-center gap-2">
            <h2 className="min-w-0 break-words font-semibold text-sm">{webhook.name}</h2>
            <Badge tone={tone}>{label}</Badge>
            {webhook.format === 'slack' && <Badge>Slack</Badge>}
          </div>
          <p className="mt-0.5 break-all font-mono text-ink-soft text-xs">{webhook.url}</p>
          <p className="mt-0.5 text-ink-faint text-xs">Told of {describeFilters(webhook)}</p>
        </div>
        <div className="flex flex-wrap items-center gap-1">
          <Button
            size="sm"
            pending={testing.isPending}
            aria-label={`Send test to ${webhook.name}`}
            onClick={() => testing.mutate(webhook.id)}
          >
            Send test
          </Button>
          <Button size="sm" look="ghost" aria-label={`Edit ${webhook.name}`} onClick={onEdit}>
            Edit
          </Button>
          <Button size="sm" look="ghost" aria-label={`Delete ${webhook.name}`} onClick={onDelete}>
            Delete
          </Button>
        </div>
      </div>
      {(testing.data || testing.error) && (
        <p role="status" className="border-line border-t px-4 py-2 text-sm" data-testid="test-result">
          {testing.error ? (
            <span className="text-bad">{toSentence(testing.error)}</span>
          ) : testing.data?.ok ? (
            <span className="text-good">The test message arrived: status {testing.data.status}.</span>
          ) : (
            <span className="text-bad">The test message did not arrive: {testing.data?.error}</span>
          )}
        </p>
      )}
      <div className="border-line border-t">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="w-full px-4 py-2 text-left text-ink-soft text-sm hover:bg-hover hover:text-ink focus-visible:-outline-offset-2"
        >
          {open ? 'Hide deliveries' : 'Deliveries'}
        </button>
        {open && (
          <div className="border-line border-t">
            <Deliveries project={project} webhook={webhook.id} />
          </div>
        )}
      </div>
    </section>
  );
}

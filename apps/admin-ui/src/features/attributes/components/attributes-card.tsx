/** What the project says about the contexts of its applications: for completion in rules, and to keep browsers from what is sensitive. */
import type { ContextAttribute } from '@yardarm/contract';
import { useState } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { CloseIcon, EditIcon, PlusIcon } from '../../../components/ui/icons.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { useDeleteAttribute } from '../api/change-attribute.ts';
import { AttributeDialog } from './attribute-dialog.tsx';

export interface AttributesCardProps {
  readonly project: string;
  readonly attributes: readonly ContextAttribute[];
}

export function AttributesCard({ project, attributes }: AttributesCardProps) {
  const [dialog, setDialog] = useState<'new' | ContextAttribute | null>(null);
  const deleting = useDeleteAttribute(project);
  return (
    <Card
      title="Context attributes"
      actions={
        <Button size="sm" onClick={() => setDialog('new')}>
          <PlusIcon className="size-3.5" /> Declare attribute
        </Button>
      }
    >
      <ul className="divide-y divide-line">
        {attributes.map((attribute) => (
          <li key={attribute.name} className="flex items-center gap-3 px-4 py-2">
            <div className="min-w-0 flex-1">
              <div className="wrap-anywhere font-medium font-mono text-xs leading-5">{attribute.name}</div>
              {attribute.description && <div className="break-words text-ink-faint text-xs">{attribute.description}</div>}
            </div>
            {attribute.sensitive && (
              <Badge tone="warn" title="Refused in comparisons that browsers could read">
                sensitive
              </Badge>
            )}
            <span className="text-ink-soft text-sm">{attribute.type}</span>
            <span className="flex">
              <Button
                look="ghost"
                size="icon"
                aria-label={`Edit ${attribute.name}`}
                title="Edit"
                onClick={() => setDialog(attribute)}
              >
                <EditIcon />
              </Button>
              <Button
                look="ghost"
                size="icon"
                aria-label={`Forget ${attribute.name}`}
                title="Forget: rules that ask for it go on working"
                disabled={deleting.isPending}
                onClick={() => deleting.mutate(attribute)}
              >
                <CloseIcon />
              </Button>
            </span>
          </li>
        ))}
        {attributes.length === 0 && (
          <li className="px-4 py-6 text-balance text-center text-ink-faint text-sm">
            None is declared. Rules may ask for any; declared ones are completed, typed, and kept from browsers if sensitive.
          </li>
        )}
      </ul>
      {deleting.error && (
        <div className="border-line border-t px-4 py-2">
          <InlineError message={toSentence(deleting.error)} />
        </div>
      )}
      {dialog !== null && (
        <AttributeDialog project={project} edited={dialog === 'new' ? null : dialog} onClose={() => setDialog(null)} />
      )}
    </Card>
  );
}

import type { Flag } from '@yardarm/contract';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';

export interface VariantsCardProps {
  readonly flag: Flag;
  /** Undefined: the reader may not edit them. */
  readonly onEdit: (() => void) | undefined;
}

export function VariantsCard({ flag, onEdit }: VariantsCardProps) {
  const offVariants = new Set(flag.environments.map((state) => state.offVariant));
  return (
    <Card
      title="Variants"
      actions={
        <span className="flex items-center gap-3 text-ink-faint text-xs">
          {flag.type}
          {onEdit && (
            <Button size="sm" onClick={onEdit} aria-label="Edit variants">
              Edit
            </Button>
          )}
        </span>
      }
    >
      <dl className="divide-y divide-line">
        {Object.entries(flag.variants).map(([name, value]) => (
          <div key={name} className="flex items-start gap-4 px-4 py-2.5">
            <dt className="flex w-40 shrink-0 flex-wrap items-center gap-1.5 font-medium font-mono text-xs leading-5">
              <span className="min-w-0 truncate" title={name}>
                {name}
              </span>
              {offVariants.has(name) && <Badge title="Served where the flag is off">when off</Badge>}
            </dt>
            <dd className="min-w-0 flex-1">
              <pre className="overflow-x-auto whitespace-pre-wrap break-words font-mono text-xs text-ink-soft leading-5">
                {JSON.stringify(value, null, 2)}
              </pre>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

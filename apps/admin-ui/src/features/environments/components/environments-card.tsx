/** The environments of a project in their order, which is that of every list and card. */
import type { Environment } from '@yardarm/contract';
import { useState } from 'react';
import { EnvironmentName } from '../../../components/environment-name.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { EditIcon, PlusIcon } from '../../../components/ui/icons.tsx';
import { MoveButtons } from '../../../components/ui/move-buttons.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { useUpdateEnvironment } from '../api/change-environment.ts';
import { EnvironmentDialog } from './environment-dialog.tsx';

export interface EnvironmentsCardProps {
  readonly project: string;
  readonly environments: readonly Environment[];
}

export function EnvironmentsCard({ project, environments }: EnvironmentsCardProps) {
  const [dialog, setDialog] = useState<'new' | Environment | null>(null);
  const updating = useUpdateEnvironment(project);
  const move = ({ key, version }: Environment, position: number) =>
    updating.mutate({ environmentKey: key, version, input: { position } });
  return (
    <Card
      title="Environments"
      actions={
        <Button size="sm" onClick={() => setDialog('new')}>
          <PlusIcon className="size-3.5" /> New environment
        </Button>
      }
    >
      <ol className="divide-y divide-line">
        {environments.map((environment, index) => (
          <li key={environment.key} className="flex items-center gap-3 px-4 py-2">
            <div className="min-w-0 flex-1">
              <EnvironmentName environment={environment} className="font-medium text-sm" />
              <div className="font-mono text-ink-faint text-xs">{environment.key}</div>
            </div>
            <span className="text-ink-faint text-xs tabular-nums max-sm:hidden">revision {environment.revision}</span>
            <span className="flex">
              <MoveButtons
                of={environment.name}
                isFirst={index === 0}
                isLast={index === environments.length - 1}
                isMoving={updating.isPending}
                onMove={(step) => move(environment, index + step)}
              />
              <Button
                look="ghost"
                size="icon"
                aria-label={`Edit ${environment.name}`}
                title="Edit"
                onClick={() => setDialog(environment)}
              >
                <EditIcon />
              </Button>
            </span>
          </li>
        ))}
        {environments.length === 0 && (
          <li className="px-4 py-6 text-balance text-center text-ink-faint text-sm">
            No environment yet. Flags have a state, and applications a key, in an environment.
          </li>
        )}
      </ol>
      {updating.error && (
        <div className="border-line border-t px-4 py-2">
          <InlineError message={toSentence(updating.error)} />
        </div>
      )}
      {dialog !== null && (
        <EnvironmentDialog
          project={project}
          edited={dialog === 'new' ? null : dialog}
          environments={environments}
          onClose={() => setDialog(null)}
        />
      )}
    </Card>
  );
}

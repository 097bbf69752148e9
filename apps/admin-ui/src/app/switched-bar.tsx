/** After a switch in the list: what was done, whether it landed, and the way back. */
import type { Environment } from '@yardarm/contract';
import { EnvironmentName } from '../components/environment-name.tsx';
import { Button } from '../components/ui/button.tsx';
import type { SwitchFlag } from '../features/flags/api/switch-flag.ts';
import { useLiveStatus } from '../features/live/live-status.ts';
import { ReceiptBar } from '../features/receipts/components/receipt-bar.tsx';
import { switchLock, useMay } from '../lib/rights.ts';
import type { Switched } from './use-list-switch.ts';

export interface SwitchedBarProps {
  readonly project: string;
  readonly switched: Switched;
  readonly environments: readonly Environment[];
  readonly onUndo: (request: SwitchFlag) => void;
  readonly onDismiss: () => void;
}

export function SwitchedBar({ project, switched, environments, onUndo, onDismiss }: SwitchedBarProps) {
  const { key, environment, on, revision, atMs } = switched;
  const live = useLiveStatus() === 'live';
  const found = environments.find((one) => one.key === environment);
  const may = useMay(project);
  return (
    <section
      aria-label="Last switch"
      data-bottom-bar
      className="fixed bottom-4 left-1/2 z-30 w-[min(34rem,calc(100vw-2rem))] -translate-x-1/2 space-y-2 rounded-xl border border-line bg-raised p-2.5 shadow-popup"
    >
      <div className="flex items-center justify-between gap-3 pl-1">
        <p className="min-w-0 truncate text-sm">
          <span className="font-semibold">{key}</span> is{' '}
          <span className={on ? 'font-semibold text-good' : 'font-semibold'}>{on ? 'on' : 'off'}</span>{' '}
          <span className="text-ink-soft">in</span> {found ? <EnvironmentName environment={found} /> : environment}
        </p>
        {found && switchLock(may, found, on) === undefined && (
          <Button size="sm" onClick={() => onUndo({ key, environment, on: !on, reason: 'Undone' })}>
            Undo
          </Button>
        )}
      </div>
      <ReceiptBar
        project={project}
        environment={environment}
        revision={revision}
        sinceMs={atMs}
        live={live}
        onDismiss={onDismiss}
      />
    </section>
  );
}

/** The kill switch of one environment. One click; a reason may go with it, and never stands in its way. */
import type { FlagEnvironment } from '@yardarm/contract';
import { useState } from 'react';
import { BareInput } from '../../../components/ui/field.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { classNames } from '../../../lib/class-names.ts';

export interface KillControlProps {
  readonly flagKey: string;
  readonly state: FlagEnvironment;
  readonly environmentName: string;
  readonly pending: boolean;
  /** Why the reader may not switch it; undefined: they may. */
  readonly locked: string | undefined;
  readonly error: string | null;
  readonly onSwitch: (on: boolean, reason: string) => void;
}

export function KillControl({ flagKey, state, environmentName, pending, locked, error, onSwitch }: KillControlProps) {
  const [reason, setReason] = useState<string | null>(null);
  return (
    <div>
      <div className="flex items-center gap-3">
        <Switch
          size="lg"
          checked={state.on}
          pending={pending}
          locked={locked}
          label={`${flagKey} in ${environmentName}`}
          testId={`switch-${flagKey}-${state.environment}`}
          onChange={(on) => {
            onSwitch(on, reason?.trim() ?? '');
            setReason(null);
          }}
        />
        <div className="min-w-0 flex-1">
          <div className={classNames('font-semibold text-lg leading-5', state.on ? 'text-good' : 'text-ink')}>
            {pending ? (state.on ? 'Switching off…' : 'Switching on…') : state.on ? 'On' : 'Off'}
          </div>
          <div className="truncate text-ink-faint text-xs">
            changed <RelativeTime at={state.updatedAt} />
          </div>
        </div>
        {reason === null && locked === undefined && (
          <button
            type="button"
            className="shrink-0 rounded text-ink-faint text-xs underline-offset-3 hover:text-ink hover:underline"
            onClick={() => setReason('')}
          >
            Add reason
          </button>
        )}
      </div>
      {reason !== null && (
        <div className="mt-2.5">
          <BareInput
            autoFocus
            aria-label={`Reason for switching ${flagKey} in ${environmentName}`}
            placeholder="Reason, then flip the switch"
            value={reason}
            maxLength={1_000}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && setReason(null)}
          />
        </div>
      )}
      {error && (
        <div className="mt-2">
          <InlineError message={error} />
        </div>
      )}
    </div>
  );
}

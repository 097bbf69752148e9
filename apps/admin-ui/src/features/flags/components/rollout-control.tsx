/** A percentage: a slider for the ramp, a field for the exact number, both of the same weight. */
import { WEIGHT_SCALE } from '@yardarm/evaluator';
import { useState } from 'react';
import { BareInput } from '../../../components/ui/field.tsx';
import { consequenceSentence, formatPercent, parsePercent, type Rollout, weightToPercent } from '../../../lib/rollout.ts';

/** The slider moves in whole percent; finer steps are typed. */
const SLIDER_STEP_WEIGHT = WEIGHT_SCALE / 100;

export interface RolloutControlProps {
  readonly rollout: Rollout;
  /** What the server serves now; null where that is no rollout. */
  readonly published: Rollout | null;
  readonly environment: string;
  readonly environmentName: string;
  readonly disabled: boolean;
  readonly onWeight: (weight: number) => void;
}

export function RolloutControl({ rollout, published, environment, environmentName, disabled, onWeight }: RolloutControlProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const percent = weightToPercent(rollout.weight);
  const invalid = typed !== null && parsePercent(typed) === null;
  const type = (text: string) => {
    setTyped(text);
    const weight = parsePercent(text);
    if (weight !== null) onWeight(weight);
  };
  return (
    <div className="mt-2">
      <div className="flex items-center gap-3">
        <input
          type="range"
          aria-label={`Share of ${rollout.variant} in ${environmentName}`}
          aria-valuetext={formatPercent(rollout.weight)}
          className="slider min-w-0 flex-1"
          min={0}
          max={WEIGHT_SCALE}
          step={SLIDER_STEP_WEIGHT}
          value={rollout.weight}
          disabled={disabled}
          onChange={(event) => {
            setTyped(null);
            onWeight(event.target.valueAsNumber);
          }}
          style={{ ['--filled' as string]: `${percent}%` }}
        />
        <div className="relative w-24 shrink-0">
          <BareInput
            aria-label={`Percentage of ${rollout.variant} in ${environmentName}`}
            aria-invalid={invalid || undefined}
            data-testid={`percentage-${environment}`}
            inputMode="decimal"
            disabled={disabled}
            value={typed ?? String(percent)}
            onChange={(event) => type(event.target.value)}
            onBlur={() => setTyped(null)}
            className={invalid ? 'border-bad pr-7 text-right tabular-nums' : 'pr-7 text-right tabular-nums'}
          />
          <span aria-hidden="true" className="pointer-events-none absolute top-1.5 right-2.5 text-ink-faint text-sm">
            %
          </span>
        </div>
      </div>
      <p className="mt-1 text-ink-faint text-xs">
        {invalid
          ? 'A percentage is a number from 0 to 100, with three decimals at most.'
          : consequenceSentence(rollout, published)}
      </p>
    </div>
  );
}

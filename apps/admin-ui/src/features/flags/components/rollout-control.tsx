/** A percentage: a slider for the ramp, a field for the exact number, both of the same weight. */
import { WEIGHT_SCALE } from '@yardarm/evaluator';
import { BareInput } from '../../../components/ui/field.tsx';
import { classNames } from '../../../lib/class-names.ts';
import {
  consequenceSentence,
  formatPercent,
  PERCENT_RULE,
  parsePercent,
  type Rollout,
  weightToPercent,
} from '../../../lib/rollout.ts';

/** The slider moves in whole percent; finer steps are typed. */
const SLIDER_STEP_WEIGHT = WEIGHT_SCALE / 100;

export interface RolloutControlProps {
  readonly rollout: Rollout;
  /** What the server serves now; null where that is no rollout. */
  readonly published: Rollout | null;
  readonly environment: string;
  readonly environmentName: string;
  /** Whether the flag is on, so that this is what people get. */
  readonly on: boolean;
  /** Form that Enter in the field submits. */
  readonly form: string;
  readonly disabled: boolean;
  /** What stands in the field while it is edited, and for as long as it is no percentage; null: the rollout's own. */
  readonly typed: string | null;
  readonly onTyped: (typed: string | null) => void;
  readonly onWeight: (weight: number) => void;
}

export function RolloutControl(props: RolloutControlProps) {
  const { rollout, published, environment, environmentName, on, form, disabled, typed, onTyped, onWeight } = props;
  const percent = weightToPercent(rollout.weight);
  const typedWeight = typed === null ? rollout.weight : parsePercent(typed);
  const invalid = typedWeight === null;
  const consequence = on ? consequenceSentence(rollout, published) : `When on: ${consequenceSentence(rollout, null)}`;
  const type = (text: string) => {
    onTyped(text);
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
            onTyped(null);
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
            readOnly={disabled}
            form={form}
            // The rollout may have moved since: another person's change, or Discard.
            value={typed !== null && (invalid || typedWeight === rollout.weight) ? typed : String(percent)}
            onChange={(event) => type(event.target.value)}
            onBlur={() => !invalid && onTyped(null)}
            aria-describedby={`${form}-note`}
            className="pr-7 text-right tabular-nums"
          />
          <span aria-hidden="true" className="pointer-events-none absolute top-1.5 right-2.5 text-ink-faint text-sm">
            %
          </span>
        </div>
      </div>
      <p id={`${form}-note`} className={classNames('mt-1 text-xs', invalid ? 'text-bad' : 'text-ink-faint')}>
        {invalid ? PERCENT_RULE : consequence}
      </p>
    </div>
  );
}

/** What is served: one variant, or shares of several by a unit of the context. */
import { WEIGHT_SCALE } from '@yardarm/evaluator';
import { useState } from 'react';
import { Button } from '../../../../components/ui/button.tsx';
import { BareInput } from '../../../../components/ui/field.tsx';
import { CloseIcon, PlusIcon } from '../../../../components/ui/icons.tsx';
import { Select } from '../../../../components/ui/select.tsx';
import { formatPercent, parsePercent, type Split, startRollout, weightToPercent } from '../../../../lib/rollout.ts';
import { replaced, type Serve, without } from '../../targeting/targeting.ts';

const SPLIT = ' split';
const DEFAULT = ' default';

export interface ServeEditorProps {
  readonly serve: Serve | null;
  readonly onChange: (serve: Serve | null) => void;
  readonly variants: readonly string[];
  /** Of a rule: it always serves something of the flag. */
  readonly allowsDefault: boolean;
  readonly issue: string | undefined;
  readonly of: string;
}

export function ServeEditor({ serve, onChange, variants, allowsDefault, issue, of }: ServeEditorProps) {
  const choice = serve === null ? DEFAULT : 'variant' in serve ? serve.variant : SPLIT;
  const options = [
    ...variants.map((name) => ({ value: name, label: name })),
    ...(variants.includes(choice) || choice === SPLIT || choice === DEFAULT ? [] : [{ value: choice, label: choice }]),
    { value: SPLIT, label: 'a percentage of each' },
    ...(allowsDefault ? [{ value: DEFAULT, label: 'the code default' }] : []),
  ];
  const choose = (next: string) => {
    if (next === DEFAULT) onChange(null);
    else if (next !== SPLIT) onChange({ variant: next });
    else {
      const served = serve && 'variant' in serve ? serve.variant : (variants[0] as string);
      onChange(startRollout(served, served, variants.find((name) => name !== served) ?? served));
    }
  };
  return (
    <div>
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <span className="text-ink-soft">serve</span>
        <Select label={`What ${of} serves`} value={choice} options={options} onChange={choose} />
      </div>
      {serve && 'split' in serve && (
        <SplitEditor split={serve.split} variants={variants} of={of} onChange={(split) => onChange({ split })} />
      )}
      {issue && <p className="mt-1 text-bad text-xs">{issue}</p>}
    </div>
  );
}

interface SplitEditorProps {
  readonly split: Split;
  readonly onChange: (split: Split) => void;
  readonly variants: readonly string[];
  readonly of: string;
}

function SplitEditor({ split, onChange, variants, of }: SplitEditorProps) {
  const { by, salt, weights } = split;
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  const write = (next: Split['weights']) => onChange({ ...split, weights: next });
  const setWeight = (index: number, weight: number) => {
    const next = weights.map((entry, at) => (at === index ? withWeight(entry, weight) : entry));
    // Of two, the other one takes the rest.
    write(
      weights.length === 2 ? next.map((entry, at) => (at === index ? entry : withWeight(entry, WEIGHT_SCALE - weight))) : next,
    );
  };
  return (
    <div className="mt-2 space-y-1.5">
      {weights.map((entry, index) => {
        const [variant, weight] = entry;
        const share = `share ${index + 1} of ${of}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a variant may recur, and its place decides who gets it
          <div key={index} className="flex items-center gap-2">
            <Select
              label={`Variant of ${share}`}
              value={variant}
              options={[...new Set([...variants, variant])].map((name) => ({ value: name, label: name }))}
              onChange={(name) => write(replaced(weights, index, entry.length === 3 ? [name, weight, entry[2]] : [name, weight]))}
              className="w-36"
            />
            <input
              type="range"
              className="slider min-w-16 flex-1"
              aria-label={`Slider of ${share}`}
              aria-valuetext={formatPercent(weight)}
              min={0}
              max={WEIGHT_SCALE}
              step={WEIGHT_SCALE / 100}
              value={weight}
              style={{ ['--filled' as string]: `${weightToPercent(weight)}%` }}
              onChange={(event) => setWeight(index, event.target.valueAsNumber)}
            />
            <PercentField label={`Percentage of ${share}`} weight={weight} onWeight={(next) => setWeight(index, next)} />
            <Button
              look="ghost"
              size="icon"
              aria-label={`Remove ${share}`}
              title="Remove"
              disabled={weights.length === 1}
              onClick={() => write(without(weights, index))}
            >
              <CloseIcon />
            </Button>
          </div>
        );
      })}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-faint text-xs">
        <Button
          look="ghost"
          size="sm"
          onClick={() => write([...weights, [variants[0] as string, Math.max(0, WEIGHT_SCALE - sum)]])}
        >
          <PlusIcon className="size-3.5" /> Share
        </Button>
        {sum !== WEIGHT_SCALE && (
          <span className="text-bad">
            Together {formatPercent(sum)}:{' '}
            {sum < WEIGHT_SCALE
              ? `${formatPercent(WEIGHT_SCALE - sum)} are left`
              : `${formatPercent(sum - WEIGHT_SCALE)} too many`}
            .
          </span>
        )}
        <span className="ml-auto inline-flex items-center gap-1.5">
          by
          <BareInput
            aria-label={`Unit of the split of ${of}`}
            className="h-7 max-w-36 font-mono text-xs"
            value={by}
            onChange={(event) => onChange({ ...split, by: event.target.value.trim() })}
          />
        </span>
        <span
          className="inline-flex items-center gap-1.5"
          title="Splits with the same salt align: the same people are in. Left empty, the flag has its own."
        >
          salt
          <BareInput
            aria-label={`Salt of the split of ${of}`}
            className="h-7 max-w-36 font-mono text-xs"
            placeholder="the flag's own"
            value={salt ?? ''}
            maxLength={128}
            onChange={(event) => {
              const { salt: _, ...rest } = split;
              onChange(event.target.value === '' ? rest : { ...rest, salt: event.target.value });
            }}
          />
        </span>
      </div>
    </div>
  );
}

function PercentField({
  label,
  weight,
  onWeight,
}: {
  readonly label: string;
  readonly weight: number;
  readonly onWeight: (weight: number) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const stands = typed === null ? weight : parsePercent(typed);
  return (
    <span className="relative w-22 shrink-0">
      <BareInput
        aria-label={label}
        aria-invalid={stands === null || undefined}
        inputMode="decimal"
        className="pr-6 text-right tabular-nums"
        value={typed !== null && (stands === null || stands === weight) ? typed : String(weightToPercent(weight))}
        onChange={(event) => {
          setTyped(event.target.value);
          const next = parsePercent(event.target.value);
          if (next !== null) onWeight(next);
        }}
        onBlur={() => setTyped(null)}
      />
      <span aria-hidden="true" className="pointer-events-none absolute top-1.5 right-2 text-ink-faint text-sm">
        %
      </span>
    </span>
  );
}

function withWeight(entry: Split['weights'][number], weight: number): Split['weights'][number] {
  return entry.length === 3 ? [entry[0], weight, entry[2]] : [entry[0], weight];
}

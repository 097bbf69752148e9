/** People and things named one by one, before any rule; and what other flags have to serve first. */
import type { Flag } from '@yardarm/contract';
import { Button } from '../../../../components/ui/button.tsx';
import { CloseIcon, PlusIcon } from '../../../../components/ui/icons.tsx';
import { Select } from '../../../../components/ui/select.tsx';
import { TokenInput } from '../../../../components/ui/token-input.tsx';
import { unitsOf } from '../../../../lib/units-of.ts';
import { type Prerequisite, replaced, type Target, without } from '../../targeting/targeting.ts';

export interface TargetsEditorProps {
  readonly targets: readonly Target[];
  readonly onChange: (targets: Target[]) => void;
  readonly variants: readonly string[];
  readonly issueAt: (path: string) => string | undefined;
}

export function TargetsEditor({ targets, onChange, variants, issueAt }: TargetsEditorProps) {
  const free = variants.filter((name) => !targets.some(({ variant }) => variant === name));
  return (
    <div className="space-y-2">
      {targets.map((target, index) => (
        <div key={target.variant}>
          <div className="flex flex-wrap items-start gap-2 sm:flex-nowrap">
            <Select
              label={`Variant of target ${index + 1}`}
              value={target.variant}
              options={[target.variant, ...free].map((name) => ({ value: name, label: name }))}
              onChange={(variant) => onChange(replaced(targets, index, { ...target, variant }))}
              className="w-36"
            />
            <div className="min-w-0 flex-1 max-sm:order-last max-sm:basis-full">
              <TokenInput
                label={`Keys that get ${target.variant}`}
                placeholder="targeting keys, one after the other"
                tokens={target.keys.map(String)}
                invalid={issueAt(`/targets/${index}`) !== undefined}
                toToken={(typed) => typed.trim()}
                onChange={(tokens) => onChange(replaced(targets, index, { ...target, keys: unitsOf(tokens, target.keys) }))}
              />
            </div>
            <Button
              look="ghost"
              size="icon"
              aria-label={`Remove target ${target.variant}`}
              title="Remove"
              className="max-sm:ml-auto"
              onClick={() => onChange(without(targets, index))}
            >
              <CloseIcon />
            </Button>
          </div>
          <Issue message={issueAt(`/targets/${index}`)} />
        </div>
      ))}
      {free[0] !== undefined && (
        <Button size="sm" onClick={() => onChange([...targets, { variant: free[0] as string, keys: [] }])}>
          <PlusIcon className="size-3.5" /> Add target
        </Button>
      )}
    </div>
  );
}

export interface PrerequisitesEditorProps {
  readonly prerequisites: readonly Prerequisite[];
  readonly onChange: (prerequisites: Prerequisite[]) => void;
  /** Those that may be asked for, without the flag itself. */
  readonly flags: readonly Flag[];
  readonly issueAt: (path: string) => string | undefined;
}

export function PrerequisitesEditor({ prerequisites, onChange, flags, issueAt }: PrerequisitesEditorProps) {
  const free = flags.filter(({ key }) => !prerequisites.some(({ flag }) => flag === key));
  return (
    <div className="space-y-2">
      {prerequisites.map((prerequisite, index) => {
        const other = flags.find(({ key }) => key === prerequisite.flag);
        const change = (next: Prerequisite) => onChange(replaced(prerequisites, index, next));
        return (
          <div key={prerequisite.flag}>
            <div className="flex flex-wrap items-start gap-2 sm:flex-nowrap">
              <Select
                label={`Flag of prerequisite ${index + 1}`}
                value={prerequisite.flag}
                options={[prerequisite.flag, ...free.map(({ key }) => key)].map((key) => ({ value: key, label: key }))}
                onChange={(flag) => change({ flag, variants: [] })}
                className="max-w-56"
              />
              <span className="pt-1.5 text-ink-soft text-sm">serves</span>
              <div className="min-w-0 flex-1 max-sm:order-last max-sm:basis-full">
                <TokenInput
                  label={`Variants that ${prerequisite.flag} has to serve`}
                  placeholder="variants"
                  tokens={prerequisite.variants}
                  suggestions={Object.keys(other?.variants ?? {}).filter((name) => !prerequisite.variants.includes(name))}
                  invalid={issueAt(`/prerequisites/${index}`) !== undefined}
                  toToken={(typed) => typed.trim()}
                  onChange={(variants) => change({ ...prerequisite, variants: [...variants] })}
                />
              </div>
              <Button
                look="ghost"
                size="icon"
                aria-label={`Remove prerequisite ${prerequisite.flag}`}
                title="Remove"
                className="max-sm:ml-auto"
                onClick={() => onChange(without(prerequisites, index))}
              >
                <CloseIcon />
              </Button>
            </div>
            <Issue message={issueAt(`/prerequisites/${index}`)} />
          </div>
        );
      })}
      {free[0] !== undefined && (
        <Button size="sm" onClick={() => onChange([...prerequisites, { flag: (free[0] as Flag).key, variants: [] }])}>
          <PlusIcon className="size-3.5" /> Add prerequisite
        </Button>
      )}
    </div>
  );
}

function Issue({ message }: { readonly message: string | undefined }) {
  return message ? <p className="mt-1 text-bad text-xs">{message}</p> : null;
}

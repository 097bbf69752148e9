import type { Flag } from '@yardarm/contract';
import { Button } from '../../../components/ui/button.tsx';
import { BareInput, BareTextArea } from '../../../components/ui/field.tsx';
import { CloseIcon, PlusIcon } from '../../../components/ui/icons.tsx';
import type { FormErrors } from '../flag-form.ts';
import { type VariantField, withVariant } from '../variant-values.ts';

export interface VariantFieldsProps {
  readonly type: Flag['type'];
  readonly variants: readonly VariantField[];
  readonly errors: FormErrors;
  readonly onChange: (variants: readonly VariantField[]) => void;
}

/** Of a text or JSON value, as it grows; a longer one is scrolled. */
const MOST_ROWS = 12;

export function VariantFields({ type, variants, errors, onChange }: VariantFieldsProps) {
  const messages = Object.entries(errors).filter(([field]) => field === 'variants' || field.startsWith('variants.'));
  // By type, not by what is typed: a field that turned into another one would lose the focus.
  const hasLines = type === 'object' || type === 'string';
  const edit = (id: number, part: { name?: string; value?: string }) =>
    onChange(variants.map((variant) => (variant.id === id ? { ...variant, ...part } : variant)));
  return (
    <fieldset>
      <legend className="mb-1 font-medium text-sm">Variants</legend>
      <div className="space-y-1.5">
        {variants.map((variant, index) => {
          const { id, name, value, exists } = variant;
          return (
            <div key={id} className="flex gap-1.5">
              <BareInput
                aria-label={`Name of ${nameFor(variant, index)}`}
                placeholder="name"
                title={exists ? `${name}: rules ask for it by this name, so that it stays` : undefined}
                readOnly={exists}
                value={name}
                onChange={(event) => edit(id, { name: event.target.value })}
                className="max-w-40 font-mono read-only:bg-sunken read-only:text-ink-soft"
              />
              {hasLines ? (
                <BareTextArea
                  aria-label={`Value of ${nameFor(variant, index)}`}
                  placeholder={type === 'string' ? 'text' : '{ "limit": 10 }'}
                  rows={Math.min(MOST_ROWS, value.split('\n').length)}
                  value={value}
                  onChange={(event) => edit(id, { value: event.target.value })}
                  className="font-mono"
                />
              ) : (
                <BareInput
                  aria-label={`Value of ${nameFor(variant, index)}`}
                  placeholder="value"
                  value={value}
                  onChange={(event) => edit(id, { value: event.target.value })}
                  className="font-mono"
                />
              )}
              <Button
                look="ghost"
                size="icon"
                aria-label={`Remove ${nameFor(variant, index)}`}
                // A boolean has no more than its two values, so that none could be added again.
                disabled={variants.length === 1 || (type === 'boolean' && exists)}
                onClick={() => onChange(variants.filter((other) => other.id !== id))}
              >
                <CloseIcon />
              </Button>
            </div>
          );
        })}
      </div>
      {messages.map(([field, message]) => (
        <p key={field} role="alert" className="wrap-anywhere mt-1 text-bad text-xs">
          {message}
        </p>
      ))}
      {type !== 'boolean' && (
        <Button look="ghost" size="sm" className="mt-1.5 -ml-2" onClick={() => onChange(withVariant(variants))}>
          <PlusIcon className="size-3.5" /> Add variant
        </Button>
      )}
    </fieldset>
  );
}

/** One that is being made may have no name yet, or another one with every letter. */
function nameFor({ name, exists }: VariantField, index: number): string {
  return exists ? name : `variant ${index + 1}`;
}

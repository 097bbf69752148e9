import { Button } from '../../../components/ui/button.tsx';
import { BareInput } from '../../../components/ui/field.tsx';
import { CloseIcon, PlusIcon } from '../../../components/ui/icons.tsx';
import type { FlagForm, FormErrors } from '../flag-form.ts';

export interface VariantFieldsProps {
  readonly form: FlagForm;
  readonly errors: FormErrors;
  readonly onChange: (part: Partial<FlagForm>) => void;
}

export function VariantFields({ form, errors, onChange }: VariantFieldsProps) {
  const { variants } = form;
  const messages = Object.entries(errors).filter(([field]) => field === 'variants' || field.startsWith('variants.'));
  const edit = (id: number, part: { name?: string; value?: string }) => {
    const before = variants.find((variant) => variant.id === id);
    const renamed = (chosen: string) => (part.name !== undefined && chosen === before?.name ? part.name : chosen);
    onChange({
      variants: variants.map((variant) => (variant.id === id ? { ...variant, ...part } : variant)),
      served: renamed(form.served),
      offVariant: renamed(form.offVariant),
    });
  };
  const add = () =>
    onChange({ variants: [...variants, { id: Math.max(...variants.map(({ id }) => id)) + 1, name: '', value: '' }] });
  return (
    <fieldset>
      <legend className="mb-1 font-medium text-sm">Variants</legend>
      <div className="space-y-1.5">
        {variants.map((variant, index) => (
          <div key={variant.id} className="flex gap-1.5">
            <BareInput
              aria-label={`Name of variant ${index + 1}`}
              placeholder="name"
              value={variant.name}
              onChange={(event) => edit(variant.id, { name: event.target.value })}
              className="max-w-40 font-mono"
            />
            <BareInput
              aria-label={`Value of variant ${index + 1}`}
              placeholder={form.type === 'string' ? 'text' : 'value'}
              value={variant.value}
              onChange={(event) => edit(variant.id, { value: event.target.value })}
              className="font-mono"
            />
            <Button
              look="ghost"
              size="icon"
              aria-label={`Remove variant ${index + 1}`}
              disabled={variants.length === 1}
              onClick={() => onChange({ variants: variants.filter(({ id }) => id !== variant.id) })}
            >
              <CloseIcon />
            </Button>
          </div>
        ))}
      </div>
      {messages.map(([field, message]) => (
        <p key={field} role="alert" className="mt-1 text-bad text-xs">
          {message}
        </p>
      ))}
      {form.type !== 'boolean' && (
        <Button look="ghost" size="sm" className="mt-1.5 -ml-2" onClick={add}>
          <PlusIcon className="size-3.5" /> Add variant
        </Button>
      )}
    </fieldset>
  );
}

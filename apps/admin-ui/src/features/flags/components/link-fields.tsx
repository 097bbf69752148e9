/** Where to read on about a flag: rows of a title and an address. */
import { Button } from '../../../components/ui/button.tsx';
import { BareInput } from '../../../components/ui/field.tsx';
import { CloseIcon, PlusIcon } from '../../../components/ui/icons.tsx';
import type { LinkField } from '../flag-details.ts';

export interface LinkFieldsProps {
  readonly links: readonly LinkField[];
  /** By `links.<id>`. */
  readonly errors: Readonly<Record<string, string>>;
  readonly onChange: (links: readonly LinkField[]) => void;
}

export function LinkFields({ links, errors, onChange }: LinkFieldsProps) {
  const edit = (id: number, part: Partial<LinkField>) =>
    onChange(links.map((link) => (link.id === id ? { ...link, ...part } : link)));
  return (
    <fieldset>
      <legend className="mb-1 font-medium text-sm">Links (optional)</legend>
      <div className="space-y-2">
        {links.map(({ id, title, url }, index) => (
          <div key={id}>
            <div className="flex gap-2">
              <BareInput
                aria-label={`Title of link ${index + 1}`}
                placeholder="Title"
                value={title}
                maxLength={200}
                onChange={(event) => edit(id, { title: event.target.value })}
                className="max-w-44"
              />
              <BareInput
                aria-label={`Address of link ${index + 1}`}
                aria-invalid={errors[`links.${id}`] ? true : undefined}
                placeholder="https://"
                inputMode="url"
                value={url}
                onChange={(event) => edit(id, { url: event.target.value })}
              />
              <Button
                look="ghost"
                size="icon"
                aria-label={`Remove link ${index + 1}`}
                onClick={() => onChange(links.filter((link) => link.id !== id))}
              >
                <CloseIcon />
              </Button>
            </div>
            {errors[`links.${id}`] && (
              <p role="alert" className="mt-1 text-bad text-xs">
                {errors[`links.${id}`]}
              </p>
            )}
          </div>
        ))}
        <Button
          look="ghost"
          size="sm"
          onClick={() => onChange([...links, { id: Math.max(-1, ...links.map(({ id }) => id)) + 1, title: '', url: '' }])}
        >
          <PlusIcon /> Add link
        </Button>
      </div>
    </fieldset>
  );
}

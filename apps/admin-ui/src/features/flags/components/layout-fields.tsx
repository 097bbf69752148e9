/** In which order the list of flags stands, and which columns it has. */
import type { Environment } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { EnvironmentName } from '../../../components/environment-name.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Checkbox } from '../../../components/ui/checkbox.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { type ColumnName, chosenColumns, DEFAULT_SORT, type ListLayout, type Sort, withColumn } from '../list-layout.ts';

const SORT_OPTIONS: readonly { readonly value: Sort; readonly label: string }[] = [
  { value: 'key', label: 'By key' },
  { value: '-key', label: 'By key, from the end' },
  { value: 'owner', label: 'By owner' },
  { value: 'expires', label: 'By expiry, the next first' },
  { value: '-expires', label: 'By expiry, the latest first' },
  { value: '-created', label: 'Newest first' },
  { value: 'created', label: 'Oldest first' },
  { value: 'evaluated', label: 'Evaluated longest ago first' },
  { value: '-evaluated', label: 'Evaluated last first' },
];
const BACKWARDS_BY_OWNER = { value: '-owner', label: 'By owner, from the end' } as const;

export interface LayoutFieldsProps {
  readonly layout: ListLayout;
  readonly environments: readonly Environment[];
  readonly onChange: (part: { sort?: string; columns?: string }) => void;
}

export function LayoutFields({ layout, environments, onChange }: LayoutFieldsProps) {
  const sort = layout.sort ?? DEFAULT_SORT;
  const chosen = chosenColumns(layout.columns);
  const column = (name: ColumnName, shown: boolean, label: string, title: ReactNode) => (
    // biome-ignore lint/a11y/noLabelWithoutControl: the box in it is one
    <label key={label} className="flex h-7 cursor-pointer items-center gap-1.5 text-sm">
      <Checkbox
        label={`Column ${label}`}
        checked={shown}
        onToggle={() => onChange({ columns: withColumn(layout.columns, name, !shown) })}
      />
      {title}
    </label>
  );
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pt-1">
      <Select
        label="Order"
        value={sort}
        options={sort === BACKWARDS_BY_OWNER.value ? [...SORT_OPTIONS, BACKWARDS_BY_OWNER] : SORT_OPTIONS}
        highlighted={sort !== DEFAULT_SORT}
        onChange={(next) => onChange({ sort: next })}
      />
      <fieldset className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1">
        <legend className="sr-only">Columns</legend>
        {column('owner', chosen.owner, 'Owner, expiry', 'Owner, expiry')}
        {column('created', chosen.created, 'Created', 'Created')}
        {column('evaluated', chosen.evaluated, 'Evaluated', 'Evaluated')}
        {environments.map((environment) =>
          column(
            { environment: environment.key },
            !chosen.without.has(environment.key),
            environment.name,
            <EnvironmentName environment={environment} />,
          ),
        )}
      </fieldset>
      {(layout.sort || layout.columns) && (
        <Button look="ghost" size="sm" onClick={() => onChange({ sort: '', columns: '' })}>
          As usual
        </Button>
      )}
    </div>
  );
}

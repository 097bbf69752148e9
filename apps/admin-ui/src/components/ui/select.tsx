import { Select as BaseSelect } from '@base-ui/react/select';
import { classNames } from '../../lib/class-names.ts';
import { CheckIcon, UpDownIcon } from './icons.tsx';

export interface SelectOption<T extends string> {
  readonly value: T;
  readonly label: string;
}

export interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly SelectOption<T>[];
  readonly onChange: (value: T) => void;
  /** Shows that something other than the first option narrows a list. */
  readonly highlighted?: boolean;
  readonly className?: string;
  readonly id?: string;
}

export function Select<T extends string>({ label, value, options, onChange, highlighted, className, id }: SelectProps<T>) {
  return (
    <BaseSelect.Root items={options} value={value} onValueChange={(next) => next !== null && onChange(next)} modal={false}>
      <BaseSelect.Trigger
        id={id}
        aria-label={label}
        className={classNames(
          'inline-flex h-8 min-w-0 items-center justify-between gap-2 rounded-md border bg-surface px-2.5 text-sm shadow-card',
          'select-none hover:bg-hover data-popup-open:bg-hover',
          highlighted ? 'border-accent text-accent' : 'border-line-strong text-ink',
          className,
        )}
      >
        <BaseSelect.Value className="truncate" />
        <BaseSelect.Icon className="text-ink-faint">
          <UpDownIcon className="size-3.5" />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-60 outline-none">
          <BaseSelect.Popup className="min-w-(--anchor-width) rounded-lg border border-line bg-raised shadow-popup outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            <BaseSelect.List className="max-h-[min(20rem,var(--available-height))] overflow-y-auto p-1">
              {options.map((option) => (
                <BaseSelect.Item
                  key={option.value}
                  value={option.value}
                  className="grid cursor-default grid-cols-[1rem_1fr] items-center gap-2 rounded-md py-1.5 pr-4 pl-2 text-sm outline-none select-none data-highlighted:bg-accent-soft"
                >
                  <BaseSelect.ItemIndicator className="col-start-1 text-accent">
                    <CheckIcon />
                  </BaseSelect.ItemIndicator>
                  <BaseSelect.ItemText className="col-start-2">{option.label}</BaseSelect.ItemText>
                </BaseSelect.Item>
              ))}
            </BaseSelect.List>
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}

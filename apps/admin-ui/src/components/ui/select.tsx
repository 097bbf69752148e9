/**
 * One choice of a few. A native select: it works with every keyboard, screen reader and phone, and costs
 * nothing to load. Where the browser lets its list be styled (`base-select`, see styles.css), it is.
 */
import { classNames } from '../../lib/class-names.ts';
import { UpDownIcon } from './icons.tsx';

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
}

export function Select<T extends string>({ label, value, options, onChange, highlighted, className }: SelectProps<T>) {
  return (
    <span className={classNames('relative inline-flex h-8 min-w-0', className)}>
      <select
        aria-label={label}
        // Where there is no room for all of it.
        title={options.find((option) => option.value === value)?.label}
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
        className={classNames(
          'select h-full w-full min-w-0 cursor-pointer overflow-clip whitespace-nowrap rounded-md border bg-surface pr-8 [overflow-clip-margin:content-box] pl-2.5 font-[inherit] text-sm shadow-card enabled:hover:bg-hover disabled:cursor-default disabled:opacity-60',
          highlighted ? 'border-accent text-accent' : 'border-line-strong text-ink',
        )}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <UpDownIcon className="pointer-events-none absolute top-1/2 right-2.5 size-3.5 -translate-y-1/2 text-ink-faint" />
    </span>
  );
}

/**
 * A switch that tells the truth: it shows what the server has committed. While a change is on its way the
 * thumb spins where it is, and the switch takes no further clicks. A plain button: a list shows a hundred of them, and one of the
 * component library took three times as long to appear.
 */
import { classNames } from '../../lib/class-names.ts';
import { Spinner } from './spinner.tsx';

export interface SwitchProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly label: string;
  readonly pending?: boolean;
  /** Why it cannot be switched by who is looking; undefined: it can. */
  readonly locked?: string | undefined;
  readonly size?: 'sm' | 'lg';
  readonly testId?: string;
}

const SIZES = {
  sm: { root: 'h-5 w-9 p-0.5 before:size-4', on: 'before:translate-x-4', spinner: 'inset-1 size-3', spinnerOn: 'translate-x-4' },
  lg: { root: 'h-8 w-14 p-1 before:size-6', on: 'before:translate-x-6', spinner: 'inset-2 size-4', spinnerOn: 'translate-x-6' },
};

export function Switch({ checked, onChange, label, pending = false, locked, size = 'sm', testId }: SwitchProps) {
  const sizes = SIZES[size];
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      aria-disabled={pending || locked !== undefined || undefined}
      title={locked}
      aria-label={label}
      aria-busy={pending || undefined}
      data-testid={testId}
      onClick={() => !pending && locked === undefined && onChange(!checked)}
      className={classNames(
        // The thumb is no element of its own, for the same reason.
        'relative inline-flex shrink-0 rounded-full transition-colors duration-150',
        'before:rounded-full before:bg-[#fff] before:shadow-[0_1px_2px_rgb(0_0_0/0.3)] before:transition-transform before:duration-150',
        checked ? 'bg-good' : 'bg-off-track',
        (pending || locked !== undefined) && 'opacity-70',
        sizes.root,
        checked && sizes.on,
      )}
    >
      {pending && (
        <span className={classNames('absolute text-[#45515f]', sizes.spinner, checked && sizes.spinnerOn)}>
          <Spinner className="block size-full" />
        </span>
      )}
    </button>
  );
}

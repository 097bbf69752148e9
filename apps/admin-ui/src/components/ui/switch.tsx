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
  sm: { root: 'h-5 w-9 p-0.5', thumb: 'size-4', on: 'translate-x-4', spinner: 'size-3' },
  lg: { root: 'h-8 w-14 p-1', thumb: 'size-6', on: 'translate-x-6', spinner: 'size-4' },
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
        'inline-flex shrink-0 rounded-full transition-colors duration-150',
        checked ? 'bg-good' : 'bg-off-track',
        (pending || locked !== undefined) && 'opacity-70',
        sizes.root,
      )}
    >
      <span
        className={classNames(
          'flex items-center justify-center rounded-full bg-[#fff] text-[#45515f] shadow-[0_1px_2px_rgb(0_0_0/0.3)] transition-transform duration-150',
          sizes.thumb,
          checked && sizes.on,
        )}
      >
        {pending && <Spinner className={sizes.spinner} />}
      </span>
    </button>
  );
}

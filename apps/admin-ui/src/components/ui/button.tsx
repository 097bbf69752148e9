import type { ComponentProps } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { Spinner } from './spinner.tsx';

type Look = 'primary' | 'secondary' | 'ghost' | 'danger';
type Size = 'md' | 'sm' | 'icon';

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent shadow-card hover:not-disabled:bg-accent-strong',
  secondary: 'bg-surface text-ink border border-line-strong shadow-card hover:not-disabled:bg-hover',
  ghost: 'text-ink-soft hover:not-disabled:bg-hover hover:not-disabled:text-ink',
  danger: 'bg-bad-fill text-[#fff] shadow-card hover:not-disabled:brightness-110',
};

const SIZES: Record<Size, string> = {
  md: 'h-8 px-3 text-sm gap-1.5',
  sm: 'h-7 px-2 text-sm gap-1',
  icon: 'size-8 justify-center',
};

export interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: Look;
  readonly size?: Size;
  /** Waiting for the server: the button shows it and cannot be pressed again. It keeps the focus, which a disabled one would lose. */
  readonly pending?: boolean;
}

export function buttonClass(look: Look = 'secondary', size: Size = 'md'): string {
  return classNames(
    'inline-flex shrink-0 items-center rounded-md font-medium whitespace-nowrap select-none transition-colors duration-100',
    'disabled:cursor-default disabled:opacity-55 aria-disabled:cursor-default aria-disabled:opacity-55',
    LOOKS[look],
    SIZES[size],
  );
}

export function Button({
  look,
  size,
  pending = false,
  onClick,
  className,
  children,
  'aria-disabled': locked,
  ...props
}: ButtonProps) {
  return (
    <button
      type="button"
      {...props}
      aria-disabled={pending || locked}
      // Of a submit button too: its form is sent by its click, and by Enter in a field through the same click.
      onClick={(event) => (pending ? event.preventDefault() : onClick?.(event))}
      aria-busy={pending || undefined}
      className={classNames(buttonClass(look, size), className)}
    >
      {pending && <Spinner />}
      {children}
    </button>
  );
}

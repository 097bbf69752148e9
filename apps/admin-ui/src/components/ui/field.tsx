/** A labelled form control: label above, hint or error below, wired up for screen readers. */
import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from '../../lib/class-names.ts';

const CONTROL =
  'w-full rounded-md border bg-surface px-2.5 text-sm shadow-card placeholder:text-ink-faint focus-visible:outline-offset-0 disabled:opacity-60 aria-invalid:border-bad';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
}

interface FieldFrameProps extends FieldProps {
  readonly id: string;
  readonly children: ReactNode;
}

export function FieldFrame({ id, label, hint, error, children }: FieldFrameProps) {
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium text-sm">
        {label}
      </label>
      {children}
      {error ? (
        <p id={`${id}-note`} className="mt-1 text-bad text-xs">
          {error}
        </p>
      ) : (
        hint && (
          <p id={`${id}-note`} className="mt-1 text-ink-faint text-xs">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

export function TextField({ label, hint, error, className, ...props }: FieldProps & ComponentProps<'input'>) {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <input
        autoComplete="off"
        spellCheck={false}
        {...props}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-note` : undefined}
        className={classNames(CONTROL, 'h-8 border-line-strong', className)}
      />
    </FieldFrame>
  );
}

/** A control without a visible label, for toolbars and tables. */
export function BareInput({ className, ...props }: ComponentProps<'input'> & { readonly 'aria-label': string }) {
  return (
    <input
      autoComplete="off"
      spellCheck={false}
      {...props}
      className={classNames(CONTROL, 'h-8 border-line-strong', className)}
    />
  );
}

/** The same for more than a line. */
export function BareTextArea({ className, ...props }: ComponentProps<'textarea'> & { readonly 'aria-label': string }) {
  return (
    <textarea spellCheck={false} {...props} className={classNames(CONTROL, 'min-h-8 border-line-strong py-1.5', className)} />
  );
}

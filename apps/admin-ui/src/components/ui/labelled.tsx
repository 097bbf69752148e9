import type { ReactNode } from 'react';

export interface LabelledProps {
  readonly label: string;
  readonly error?: string | undefined;
  readonly children: ReactNode;
}

/** A label over a control that names itself, such as a `Select`. */
export function Labelled({ label, error, children }: LabelledProps) {
  return (
    <div>
      <span aria-hidden="true" className="mb-1 block font-medium text-sm">
        {label}
      </span>
      {children}
      {error && (
        <p role="alert" className="mt-1 text-bad text-xs">
          {error}
        </p>
      )}
    </div>
  );
}

/** A native checkbox in our look. Its label is not shown: the row or the column beside it says what it is about. */
import type { MouseEvent } from 'react';
import { classNames } from '../../lib/class-names.ts';

export interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  /** Some of what it stands for is, and some is not. */
  readonly partly?: boolean;
  /** `isRange`: Shift was held. */
  readonly onToggle: (isRange: boolean) => void;
  readonly testId?: string;
  readonly className?: string;
}

export function Checkbox({ label, checked, partly = false, onToggle, testId, className }: CheckboxProps) {
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={checked}
      ref={(box) => {
        if (box) box.indeterminate = partly;
      }}
      data-testid={testId}
      onChange={() => undefined}
      // Of the two events only the click knows of the Shift key; the space bar makes one too.
      onClick={(event: MouseEvent<HTMLInputElement>) => onToggle(event.shiftKey)}
      className={classNames('checkbox', className)}
    />
  );
}

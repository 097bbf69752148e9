/** What a dialog asks, why the server refused it, and the two ways out. Every dialog that does something is one. */
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { DialogBody, DialogFooter } from './dialog.tsx';
import { InlineError } from './notice.tsx';

export interface DialogFormProps {
  /** What the button does. */
  readonly action: ReactNode;
  readonly look?: 'primary' | 'danger';
  /** On the button that does nothing. */
  readonly cancel?: string;
  readonly disabled?: boolean;
  readonly pending: boolean;
  /** Sentences of a refusal. */
  readonly errors: readonly string[];
  /** Of the button that does it. */
  readonly testId?: string;
  readonly onClose: () => void;
  /** Not called while it is pending. */
  readonly onSubmit: () => void;
  readonly children?: ReactNode;
}

export function DialogForm(props: DialogFormProps) {
  const { action, look = 'primary', cancel = 'Cancel', disabled, pending, errors, testId, onClose, onSubmit, children } = props;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!pending) onSubmit();
      }}
    >
      <DialogBody>
        {children}
        {errors.map((error) => (
          <InlineError key={error} message={error} />
        ))}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{cancel}</Button>
        <Button look={look} type="submit" disabled={disabled} pending={pending} data-testid={testId}>
          {action}
        </Button>
      </DialogFooter>
    </form>
  );
}

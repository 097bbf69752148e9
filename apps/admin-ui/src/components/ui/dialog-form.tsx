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
    // biome-ignore lint/a11y/useKeyWithClickEvents: it only hears of buttons, whose clicks the keyboard makes too
    <form
      noValidate
      // Read by the dialog: a click beside it must not lose what was typed, nor what was switched, added or removed.
      onInput={({ currentTarget }) => currentTarget.setAttribute('data-typed', '')}
      onClick={({ target, currentTarget }) => {
        if (target instanceof Element && target.closest(CHANGING_BUTTON)) currentTarget.setAttribute('data-typed', '');
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (!pending) onSubmit();
      }}
    >
      <DialogBody>
        {children}
        {errors.length > 0 && (
          <div ref={showRefusal} key={errors.join()} className="scroll-mb-20 space-y-2">
            {errors.map((error) => (
              <InlineError key={error} message={error} />
            ))}
          </div>
        )}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{cancel}</Button>
        <Button
          look={look}
          type="submit"
          disabled={disabled}
          pending={pending}
          data-testid={testId}
          // The second click of a double click comes before the page shows that the first is on its way.
          onClick={(event) => event.detail > 1 && event.preventDefault()}
        >
          {action}
        </Button>
      </DialogFooter>
    </form>
  );
}

/** Not one that only shows more, and none of the ways out. */
const CHANGING_BUTTON = 'form > :not(footer) button:not([aria-expanded])';

/** At the end of a long dialog it would come behind the buttons, and nothing would seem to have happened. */
function showRefusal(refusal: HTMLElement | null): void {
  refusal?.scrollIntoView({ block: 'nearest' });
}

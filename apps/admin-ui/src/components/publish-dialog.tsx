/** The last look before an edit is published: what changes, and why. */
import type { DiffEntry } from '@yardarm/contract';
import { useState } from 'react';
import { DiffView, type DiffViewProps } from './diff-view.tsx';
import { Button } from './ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from './ui/dialog.tsx';
import { TextField } from './ui/field.tsx';
import { InlineError } from './ui/notice.tsx';

export interface PublishDialogProps {
  readonly title: string;
  readonly description: string;
  readonly entries: readonly DiffEntry[];
  /** Of `DiffView`. */
  readonly toText?: DiffViewProps['toText'];
  /** A protected environment changes for a reason only. */
  readonly reasonRequired: boolean;
  readonly pending: boolean;
  /** Sentences of a refusal. */
  readonly errors: readonly string[];
  readonly onClose: () => void;
  readonly onPublish: (reason: string) => void;
}

export function PublishDialog(props: PublishDialogProps) {
  const { title, description, entries, toText, reasonRequired, pending, errors, onClose, onPublish } = props;
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  return (
    <Dialog open wide onClose={onClose} title={title} description={description}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (pending) return;
          if (reasonRequired && reason.trim() === '') setMissing(true);
          else onPublish(reason.trim());
        }}
      >
        <DialogBody>
          <div className="max-h-[45vh] overflow-y-auto">
            <DiffView entries={entries} {...(toText && { toText })} />
          </div>
          <TextField
            autoFocus
            label={reasonRequired ? 'Reason' : 'Reason (optional)'}
            hint="Kept in the history, for whoever asks later."
            error={missing ? 'A protected environment changes for a reason only; give one.' : undefined}
            value={reason}
            maxLength={1_000}
            onChange={(event) => {
              setReason(event.target.value);
              setMissing(false);
            }}
          />
          {errors.map((error) => (
            <InlineError key={error} message={error} />
          ))}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Back to the edit</Button>
          <Button look="primary" type="submit" pending={pending} data-testid="publish">
            Publish
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

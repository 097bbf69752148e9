/** The last look before an edit is published: what changes, and why. */
import type { PlacedEntry } from '../lib/place-text.ts';
import { DiffView, type DiffViewProps } from './diff-view.tsx';
import { ReasonField, useReason } from './reason-field.tsx';
import { Dialog } from './ui/dialog.tsx';
import { DialogForm } from './ui/dialog-form.tsx';

export interface PublishDialogProps {
  readonly title: string;
  readonly description: string;
  readonly entries: readonly PlacedEntry[];
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
  const reason = useReason(reasonRequired);
  return (
    <Dialog open wide onClose={onClose} title={title} description={description}>
      <DialogForm
        action="Publish"
        cancel="Back to the edit"
        testId="publish"
        pending={pending}
        errors={errors}
        onClose={onClose}
        onSubmit={() => reason.give(onPublish)}
      >
        <DiffView entries={entries} {...(toText && { toText })} />
        <ReasonField reason={reason} />
      </DialogForm>
    </Dialog>
  );
}

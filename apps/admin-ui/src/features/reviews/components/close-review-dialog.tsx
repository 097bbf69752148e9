import type { Review } from '@yardarm/contract';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useCloseReview } from '../api/close-review.ts';

export interface CloseReviewDialogProps {
  readonly project: string;
  /** Null: closed. */
  readonly review: Review | null;
  readonly onClose: () => void;
}

export function CloseReviewDialog({ project, review, onClose }: CloseReviewDialogProps) {
  const closing = useCloseReview(project);
  const [note, setNote] = useState('');
  const leave = () => {
    setNote('');
    closing.reset();
    onClose();
  };
  return (
    <Dialog
      open={review !== null}
      onClose={leave}
      title="Close this review?"
      description="What you found stays in the history with your name. A change made with a break-glass token is closed by somebody else."
    >
      <DialogForm
        action="Close review"
        disabled={note.trim() === ''}
        pending={closing.isPending}
        errors={toSentences(closing.error)}
        onClose={leave}
        onSubmit={() => review !== null && closing.mutate({ id: review.id, note }, { onSuccess: leave })}
      >
        <TextField
          label="What you found"
          placeholder="Timeouts upstream, agreed with the team"
          maxLength={1000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </DialogForm>
    </Dialog>
  );
}

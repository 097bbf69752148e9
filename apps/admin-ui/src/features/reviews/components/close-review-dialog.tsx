import type { Review } from '@yardarm/contract';
import { type FormEvent, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../components/ui/dialog.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { toSentence } from '../../../lib/api-client.ts';
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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (review !== null) closing.mutate({ id: review.id, note }, { onSuccess: leave });
  };
  return (
    <Dialog
      open={review !== null}
      onClose={leave}
      title="Close this review?"
      description="What you found stays in the history with your name. A change made with a break-glass token is closed by somebody else."
    >
      <form onSubmit={submit}>
        <DialogBody>
          <TextField
            label="What you found"
            placeholder="Timeouts upstream, agreed with the team"
            maxLength={1000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          {closing.error && <InlineError message={toSentence(closing.error)} />}
        </DialogBody>
        <DialogFooter>
          <Button onClick={leave}>Cancel</Button>
          <Button type="submit" look="primary" disabled={note.trim() === ''} pending={closing.isPending}>
            Close review
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

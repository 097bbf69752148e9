import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useCreateSegment } from '../api/change-segment.ts';

export interface NewSegmentDialogProps {
  readonly project: string;
  /** With the key of the segment that was made, if one was. */
  readonly onClose: (made: string | null) => void;
}

export function NewSegmentDialog({ project, onClose }: NewSegmentDialogProps) {
  const [key, setKey] = useState('');
  const [name, setName] = useState('');
  const [missing, setMissing] = useState(false);
  const creating = useCreateSegment(project);
  return (
    <Dialog
      open
      onClose={() => onClose(null)}
      title="New segment"
      description="A named group that rules of several flags can ask for. It starts with nobody in it."
    >
      <DialogForm
        action="Create segment"
        pending={creating.isPending}
        errors={toSentences(creating.error)}
        onClose={() => onClose(null)}
        onSubmit={() => {
          if (key.trim() === '') setMissing(true);
          else creating.mutate({ key: key.trim(), name: name.trim() || key.trim() }, { onSuccess: (made) => onClose(made.key) });
        }}
      >
        <TextField
          autoFocus
          label="Key"
          placeholder="beta-testers"
          hint="How rules name it. It cannot be changed later."
          error={missing ? 'Give the segment a key.' : undefined}
          value={key}
          onChange={(event) => {
            setKey(event.target.value);
            setMissing(false);
          }}
        />
        <TextField
          label="Name"
          placeholder={key || 'Beta testers'}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </DialogForm>
    </Dialog>
  );
}

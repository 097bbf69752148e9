import type { Segment } from '@yardarm/contract';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useRenameSegment } from '../api/change-segment.ts';

export interface RenameSegmentDialogProps {
  readonly project: string;
  readonly segment: Segment;
  readonly onClose: () => void;
}

export function RenameSegmentDialog({ project, segment, onClose }: RenameSegmentDialogProps) {
  const [name, setName] = useState(segment.name);
  // An edit keeps the version that it was begun from.
  const [version] = useState(segment.version);
  const renaming = useRenameSegment(project, segment.key);
  return (
    <Dialog open onClose={onClose} title="Rename segment" description="For people: rules go on naming it by its key.">
      <DialogForm
        action="Rename"
        pending={renaming.isPending}
        errors={toSentences(renaming.error)}
        onClose={onClose}
        onSubmit={() => {
          if (name.trim() !== '') renaming.mutate({ version, name: name.trim() }, { onSuccess: onClose });
        }}
      >
        <TextField
          autoFocus
          label="Name"
          value={name}
          error={name.trim() === '' ? 'Give the segment a name.' : undefined}
          onChange={(event) => setName(event.target.value)}
        />
      </DialogForm>
    </Dialog>
  );
}

import type { Project } from '@yardarm/contract';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useCreateProject } from '../api/change-project.ts';

export interface NewProjectDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (project: Project) => void;
}

export function NewProjectDialog({ onClose, onCreated }: NewProjectDialogProps) {
  const [key, setKey] = useState('');
  const [name, setName] = useState('');
  const [missing, setMissing] = useState(false);
  const creating = useCreateProject();
  return (
    <Dialog
      open
      onClose={onClose}
      title="New project"
      description="Flags, environments and keys of one product, apart from every other."
    >
      <DialogForm
        action="Create project"
        pending={creating.isPending}
        errors={toSentences(creating.error)}
        onClose={onClose}
        onSubmit={() => {
          if (key.trim() === '') setMissing(true);
          else creating.mutate({ key: key.trim(), name: name.trim() || key.trim() }, { onSuccess: onCreated });
        }}
      >
        <TextField
          autoFocus
          label="Key"
          placeholder="shop"
          hint="For addresses and scripts. It cannot be changed later."
          error={missing ? 'Give the project a key.' : undefined}
          value={key}
          onChange={(event) => {
            setKey(event.target.value);
            setMissing(false);
          }}
        />
        <TextField label="Name" placeholder={key || 'Shop'} value={name} onChange={(event) => setName(event.target.value)} />
      </DialogForm>
    </Dialog>
  );
}

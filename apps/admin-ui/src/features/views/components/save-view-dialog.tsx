/** Asks under which name the filters are saved, and for whom. */
import type { SavedView } from '@yardarm/contract';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { Labelled } from '../../../components/ui/labelled.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useSaveView } from '../api/views.ts';

const OWN = 'own';
const SHARED = 'shared';

export interface SaveViewDialogProps {
  readonly project: string;
  readonly filter: Readonly<Record<string, string>>;
  readonly views: readonly SavedView[];
  readonly mayShare: boolean;
  readonly onClose: () => void;
}

export function SaveViewDialog({ project, filter, views, mayShare, onClose }: SaveViewDialogProps) {
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const saving = useSaveView(project);
  const replaced = views.some((view) => view.name === name.trim() && view.shared === shared);
  return (
    <Dialog
      open
      onClose={onClose}
      title="Save this view"
      description={Object.entries(filter)
        .map(([member, value]) => `${member}: ${value}`)
        .join(', ')}
    >
      <DialogForm
        action={replaced ? 'Replace' : 'Save'}
        disabled={name.trim() === ''}
        pending={saving.isPending}
        errors={toSentences(saving.error)}
        onClose={onClose}
        onSubmit={() => {
          if (name.trim() !== '' && !saving.isPending)
            saving.mutate({ name: name.trim(), shared, filter: { ...filter } }, { onSuccess: onClose });
        }}
      >
        <TextField
          autoFocus
          label="Name"
          maxLength={80}
          value={name}
          hint={replaced ? 'A view with this name is there already: this one takes its place.' : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        {mayShare && (
          <Labelled label="Who has it">
            <Select
              label="Who has it"
              value={shared ? SHARED : OWN}
              options={[
                { value: OWN, label: 'For me' },
                { value: SHARED, label: 'For everybody in the project' },
              ]}
              onChange={(choice) => setShared(choice === SHARED)}
            />
          </Labelled>
        )}
      </DialogForm>
    </Dialog>
  );
}

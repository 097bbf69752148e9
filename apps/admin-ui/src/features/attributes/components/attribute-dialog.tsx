import { ATTRIBUTE_TYPES, type ContextAttribute } from '@yardarm/contract';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useSetAttribute } from '../api/change-attribute.ts';

const TYPES = ATTRIBUTE_TYPES.map((value) => ({ value, label: value }));

export interface AttributeDialogProps {
  readonly project: string;
  /** Null: a new one is declared. An edit keeps the version that it was begun from. */
  readonly edited: ContextAttribute | null;
  readonly onClose: () => void;
}

export function AttributeDialog({ project, edited, onClose }: AttributeDialogProps) {
  const [name, setName] = useState(edited?.name ?? '');
  const [type, setType] = useState<ContextAttribute['type']>(edited?.type ?? 'string');
  const [sensitive, setSensitive] = useState(edited?.sensitive ?? false);
  const [description, setDescription] = useState(edited?.description ?? '');
  const setting = useSetAttribute(project);
  return (
    <Dialog
      open
      onClose={onClose}
      title={edited ? `Edit ${edited.name}` : 'Declare an attribute'}
      description="Of the context that applications pass when they ask for a flag."
    >
      <DialogForm
        action={edited ? 'Save' : 'Declare'}
        disabled={name.trim() === ''}
        pending={setting.isPending}
        errors={toSentences(setting.error)}
        onClose={onClose}
        onSubmit={() => {
          const input = { type, sensitive, description: description.trim() };
          if (name.trim() !== '')
            setting.mutate({ name: name.trim(), version: edited?.version ?? null, input }, { onSuccess: onClose });
        }}
      >
        {!edited && (
          <TextField
            autoFocus
            label="Name"
            placeholder="country"
            hint="A path such as app.version reaches inside objects."
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
        <div>
          <p className="mb-1 font-medium text-sm">Type</p>
          <Select label="Type of the attribute" value={type} options={TYPES} onChange={setType} className="w-full" />
        </div>
        <TextField
          label="Description"
          placeholder="Two letters, as the address of the order says"
          value={description}
          maxLength={1_000}
          onChange={(event) => setDescription(event.target.value)}
        />
        <div className="flex items-start justify-between gap-4">
          <div>
            <p className="font-medium text-sm">Sensitive</p>
            <p className="text-ink-faint text-xs">
              Rules of flags that browsers receive may not compare it in a way that shows what is asked for.
            </p>
          </div>
          <Switch label="Sensitive" checked={sensitive} onChange={setSensitive} />
        </div>
      </DialogForm>
    </Dialog>
  );
}

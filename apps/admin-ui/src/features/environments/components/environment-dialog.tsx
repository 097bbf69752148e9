/** Makes an environment, or edits what one is called, how it looks and whether it is protected. */
import type { Environment, EnvironmentColor } from '@yardarm/contract';
import { ENVIRONMENT_COLORS } from '@yardarm/contract';
import { useState } from 'react';
import { ENVIRONMENT_LOOKS } from '../../../components/environment-name.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { classNames } from '../../../lib/class-names.ts';
import { useCreateEnvironment, useUpdateEnvironment } from '../api/change-environment.ts';

const NOTHING = '';

export interface EnvironmentDialogProps {
  readonly project: string;
  /** Null: a new one is made. An edit keeps the version that it was begun from. */
  readonly edited: Environment | null;
  readonly environments: readonly Environment[];
  readonly onClose: () => void;
}

export function EnvironmentDialog({ project, edited, environments, onClose }: EnvironmentDialogProps) {
  const [key, setKey] = useState('');
  const [name, setName] = useState(edited?.name ?? '');
  const [color, setColor] = useState<EnvironmentColor>(edited?.color ?? freeColor(environments));
  const [isProtected, setProtected] = useState(edited?.protected ?? false);
  const [copied, setCopied] = useState(NOTHING);
  const [copiesOn, setCopiesOn] = useState(false);
  const [reason, setReason] = useState('');
  const creating = useCreateEnvironment(project);
  const updating = useUpdateEnvironment(project);
  const error = creating.error ?? updating.error;
  const submit = () => {
    if (edited) {
      const input = { name: name.trim(), color, protected: isProtected, ...(reason.trim() && { reason: reason.trim() }) };
      updating.mutate({ environmentKey: edited.key, version: edited.version, input }, { onSuccess: onClose });
      return;
    }
    const copyFrom = copied === NOTHING ? {} : { copyFrom: { environment: copied, on: copiesOn } };
    creating.mutate(
      { key: key.trim(), name: name.trim() || key.trim(), color, protected: isProtected, ...copyFrom },
      { onSuccess: onClose },
    );
  };
  const incomplete = edited ? name.trim() === '' : key.trim() === '';
  return (
    <Dialog
      open
      onClose={onClose}
      title={edited ? `Edit ${edited.name}` : 'New environment'}
      description={
        edited ? <span className="font-mono text-xs">{edited.key}</span> : 'A place where flags have a state of their own.'
      }
    >
      <DialogForm
        action={edited ? 'Save' : 'Create environment'}
        disabled={incomplete}
        pending={creating.isPending || updating.isPending}
        errors={toSentences(error)}
        onClose={onClose}
        onSubmit={() => {
          if (!incomplete) submit();
        }}
      >
        {!edited && (
          <TextField
            autoFocus
            label="Key"
            placeholder="staging"
            hint="It cannot be changed later."
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        )}
        <TextField label="Name" placeholder={key || 'Staging'} value={name} onChange={(event) => setName(event.target.value)} />
        <fieldset>
          <legend className="mb-1 font-medium text-sm">Colour</legend>
          <div className="flex flex-wrap gap-2">
            {ENVIRONMENT_COLORS.map((one) => (
              <button
                key={one}
                type="button"
                aria-label={one}
                aria-pressed={one === color}
                title={one}
                className={classNames('size-7 rounded-full border-2 p-1', one === color ? 'border-accent' : 'border-transparent')}
                onClick={() => setColor(one)}
              >
                <span aria-hidden="true" className={classNames('block size-full rounded-full', ENVIRONMENT_LOOKS[one].dot)} />
              </button>
            ))}
          </div>
        </fieldset>
        <Choice
          label="Protected"
          about="Every change of what it serves, but a kill, needs a reason and the right to release."
          checked={isProtected}
          onChange={setProtected}
        />
        {!edited && environments.length > 0 && (
          <div>
            <p className="mb-1 font-medium text-sm">Starts</p>
            <Select
              label="What the new environment starts with"
              value={copied}
              options={[
                { value: NOTHING, label: 'with every flag off and nothing configured' },
                ...environments.map((one) => ({ value: one.key, label: `as a copy of ${one.name}` })),
              ]}
              onChange={setCopied}
              className="w-full"
            />
          </div>
        )}
        {copied !== NOTHING && (
          <Choice
            label="Switch on what is on there"
            about="Otherwise every flag starts off, configured as there."
            checked={copiesOn}
            onChange={setCopiesOn}
          />
        )}
        {edited && (
          <TextField
            label="Reason (optional)"
            value={reason}
            maxLength={1_000}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </DialogForm>
    </Dialog>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly about: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Choice({ label, about, checked, onChange }: ChoiceProps) {
  return (
    <div className="flex items-start justify-between gap-4">
      <div>
        <p className="font-medium text-sm">{label}</p>
        <p className="text-ink-faint text-xs">{about}</p>
      </div>
      <Switch label={label} checked={checked} onChange={onChange} />
    </div>
  );
}

function freeColor(environments: readonly Environment[]): EnvironmentColor {
  return ENVIRONMENT_COLORS.find((color) => !environments.some((one) => one.color === color)) ?? 'gray';
}

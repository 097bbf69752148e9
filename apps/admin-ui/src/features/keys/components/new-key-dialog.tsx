/** Makes an SDK key and shows its secret, this once. */
import type { Environment, SdkKey } from '@yardarm/contract';
import { useState } from 'react';
import { EnvironmentName } from '../../../components/environment-name.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { LOST_SECRET, ONLY_HASH, SecretOnce } from '../../../components/ui/secret-once.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useCreateKey } from '../api/create-key.ts';

const KINDS: readonly { value: SdkKey['kind']; label: string }[] = [
  { value: 'server', label: 'Server key (secret, for processes you run)' },
  { value: 'client', label: 'Client key (public, for browsers)' },
];

export interface NewKeyDialogProps {
  readonly project: string;
  readonly environment: Environment;
  readonly open: boolean;
  readonly onClose: () => void;
}

export function NewKeyDialog({ project, environment, open, onClose }: NewKeyDialogProps) {
  const [kind, setKind] = useState<SdkKey['kind']>('server');
  const [name, setName] = useState('');
  const [missingName, setMissingName] = useState(false);
  const creating = useCreateKey(project);
  const made = creating.data ?? null;
  const close = () => {
    creating.reset();
    setName('');
    setMissingName(false);
    onClose();
  };
  const submit = () => {
    setMissingName(name.trim() === '');
    if (name.trim() !== '') creating.mutate({ environment: environment.key, kind, name: name.trim() });
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      mustAnswer={made !== null}
      title={made ? (made.secret ? 'Copy the key now' : LOST_SECRET) : 'New SDK key'}
      description={made ? ONLY_HASH : <EnvironmentName environment={environment} />}
    >
      {made ? (
        <SecretOnce
          secret={made.secret}
          label="Copy SDK key"
          instead="Nobody can read the key any more. Rotate it, and you get one to copy."
          onCopied={close}
        />
      ) : (
        <DialogForm
          action="Create key"
          pending={creating.isPending}
          errors={toSentences(creating.error)}
          onClose={close}
          onSubmit={submit}
        >
          <TextField
            label="Name"
            placeholder="checkout service"
            hint="Which application uses it: you will be glad when you have to revoke one."
            value={name}
            error={missingName ? 'Give the key a name.' : undefined}
            onChange={(event) => setName(event.target.value)}
          />
          <Select label="Kind of key" value={kind} options={KINDS} onChange={setKind} className="w-full" />
        </DialogForm>
      )}
    </Dialog>
  );
}

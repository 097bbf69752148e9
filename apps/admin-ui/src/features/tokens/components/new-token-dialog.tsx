/** Makes an API token and shows its secret, this once. */
import type { ApiToken, Project } from '@yardarm/contract';
import { useState } from 'react';
import { type RightChoice, RightFields, toRight } from '../../../components/right-fields.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { Labelled } from '../../../components/ui/labelled.tsx';
import { LOST_SECRET, ONLY_HASH, SecretOnce } from '../../../components/ui/secret-once.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { projectOpenLast } from '../../../lib/last-project.ts';
import { useCreateToken } from '../api/tokens.ts';
import { TOKEN_WORDS } from '../token-words.ts';

const DAY_MS = 24 * 3_600_000;
const EXPIRIES = [
  { value: '30', label: 'Ends in 30 days' },
  { value: '90', label: 'Ends in 90 days' },
  { value: '365', label: 'Ends in a year' },
  { value: '', label: 'Never ends' },
] as const;

export interface NewTokenDialogProps {
  readonly open: boolean;
  readonly kinds: readonly ApiToken['kind'][];
  /** Where this person may give rights. */
  readonly projects: readonly Project[];
  readonly everywhere: boolean;
  readonly onClose: () => void;
}

export function NewTokenDialog({ open, kinds, projects, everywhere, onClose }: NewTokenDialogProps) {
  const [kind, setKind] = useState<ApiToken['kind']>(kinds[0] ?? 'personal');
  const [name, setName] = useState('');
  const [days, setDays] = useState<(typeof EXPIRIES)[number]['value']>('90');
  const [choice, setChoice] = useState<RightChoice>({ role: 'editor', project: projectOpenLast(projects)?.key ?? '' });
  const [missingName, setMissingName] = useState(false);
  const creating = useCreateToken();
  const made = creating.data;
  const close = () => {
    creating.reset();
    setName('');
    setMissingName(false);
    onClose();
  };
  const submit = () => {
    setMissingName(name.trim() === '');
    if (name.trim() === '') return;
    const { project } = toRight(choice);
    const kill = { actions: ['flag.kill'], ...(project !== undefined && { project }) };
    const grants = { personal: undefined, break_glass: [kill], machine: [toRight(choice)], agent: [toRight(choice)] }[kind];
    const expiresAt = days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    creating.mutate({ name: name.trim(), kind, grants, expiresAt });
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      mustAnswer={made !== undefined}
      title={made ? (made.secret ? 'Copy the token now' : LOST_SECRET) : 'New API token'}
      description={made ? ONLY_HASH : 'For the management API. It may do at most what you may.'}
    >
      {made ? (
        <SecretOnce
          secret={made.secret}
          label="Copy API token"
          instead="Nobody can read the token any more. Revoke it, and make another."
          onCopied={close}
        />
      ) : (
        <DialogForm
          action="Create token"
          pending={creating.isPending}
          errors={toSentences(creating.error)}
          onClose={close}
          onSubmit={submit}
        >
          <TextField
            label="Name"
            placeholder="deploy pipeline"
            hint="What uses it: you will be glad when you have to revoke one."
            value={name}
            error={missingName ? 'Give the token a name.' : undefined}
            onChange={(event) => setName(event.target.value)}
          />
          <Labelled label="Kind of token">
            <Select
              label="Kind of token"
              value={kind}
              options={kinds.map((value) => ({ value, label: TOKEN_WORDS[value].label }))}
              onChange={setKind}
              className="w-full"
            />
          </Labelled>
          {kind !== 'personal' && (
            <RightFields
              value={choice}
              projects={projects}
              everywhere={everywhere}
              withRole={kind !== 'break_glass'}
              onChange={setChoice}
            />
          )}
          <Labelled label="Expiry">
            <Select label="Expiry" value={days} options={EXPIRIES} onChange={setDays} className="w-full" />
          </Labelled>
        </DialogForm>
      )}
    </Dialog>
  );
}

/** Edits what the project says about a flag. */
import type { Environment, Flag } from '@yardarm/contract';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { Labelled } from '../../../components/ui/labelled.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { hasCode, toSentence } from '../../../lib/api-client.ts';
import { useUpdateFlag } from '../api/update-flag.ts';
import { type FlagDetails, isServed, toDetails, toUpdateInput } from '../flag-details.ts';
import { isTemporary } from '../flag-form.ts';
import { KIND_OPTIONS } from '../kind-options.ts';
import { LinkFields } from './link-fields.tsx';

export interface EditFlagDialogProps {
  readonly project: string;
  /** As it was when the dialog was opened: the edit is made from this version. */
  readonly flag: Flag;
  readonly environments: readonly Environment[];
  readonly onClose: () => void;
}

export function EditFlagDialog({ project, flag, environments, onClose }: EditFlagDialogProps) {
  const [details, setDetails] = useState(() => toDetails(flag));
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const updating = useUpdateFlag(project, flag.key);
  const change = (part: Partial<FlagDetails>) => setDetails((current) => ({ ...current, ...part }));
  const temporary = isTemporary(details.kind);
  const isProtected = environments.some((environment) => environment.protected);
  const submit = () => {
    const result = toUpdateInput(flag, details);
    if ('errors' in result) return setErrors(result.errors);
    const { reason, ...changed } = result.input;
    if (Object.keys(changed).length === 0) return onClose();
    if (isProtected && isServed(changed) && reason === undefined)
      return setErrors({ reason: 'Kind and owner are served in a protected environment too, which changes for a reason only.' });
    setErrors({});
    updating.mutate({ version: flag.version, input: result.input }, { onSuccess: onClose });
  };
  const refused = updating.error && (hasCode(updating.error, 'stale_version') ? STALE : toSentence(updating.error));
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={`Edit ${flag.key}`}
      description="For every environment. None of it changes who gets what."
    >
      <DialogForm
        action="Save"
        pending={updating.isPending}
        errors={refused ? [refused] : []}
        onClose={onClose}
        onSubmit={() => {
          if (!updating.isPending) submit();
        }}
      >
        <TextField
          label="Description"
          placeholder="What is different when it is on?"
          value={details.description}
          onChange={(event) => change({ description: event.target.value })}
        />
        <Labelled label="Kind">
          <Select
            label="Kind"
            value={details.kind}
            options={KIND_OPTIONS}
            onChange={(kind) => change({ kind })}
            className="w-full"
          />
        </Labelled>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={temporary ? 'Owner' : 'Owner (optional)'}
            hint={flag.ownerTeam && details.owner === flag.owner ? `Team ${flag.ownerTeam.name}` : 'A team, or a person.'}
            value={details.owner}
            error={errors.owner}
            onChange={(event) => change({ owner: event.target.value })}
          />
          <TextField
            label={temporary ? 'Expiry' : 'Expiry (optional)'}
            type="date"
            hint="Passing it changes no value."
            value={details.expiresOn}
            error={errors.expiresOn}
            onChange={(event) => change({ expiresOn: event.target.value })}
          />
        </div>
        <TextField
          label="Tags (optional)"
          hint="Separated by commas."
          value={details.tags}
          onChange={(event) => change({ tags: event.target.value })}
        />
        <LinkFields links={details.links} errors={errors} onChange={(links) => change({ links })} />
        <TextField
          label="Reason (optional)"
          hint="Kept in the history."
          value={details.reason}
          maxLength={1_000}
          error={errors.reason}
          onChange={(event) => change({ reason: event.target.value })}
        />
      </DialogForm>
    </Dialog>
  );
}

const STALE = 'Somebody changed this flag while you edited. Close this, look at it as it is now, and edit again.';

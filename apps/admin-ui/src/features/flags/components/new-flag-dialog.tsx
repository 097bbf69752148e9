import type { Flag } from '@yardarm/contract';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { Labelled } from '../../../components/ui/labelled.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { ApiError, toSentence } from '../../../lib/api-client.ts';
import { useCreateFlag } from '../api/create-flag.ts';
import { emptyForm, type FlagForm, type FormErrors, isTemporary, toCreateFlagInput, withType } from '../flag-form.ts';
import { fieldOf } from '../flag-form-issues.ts';
import { KIND_OPTIONS } from '../kind-options.ts';
import { BrowsersSwitch } from './browsers-switch.tsx';
import { VariantFields } from './variant-fields.tsx';

const TYPES: readonly { value: Flag['type']; label: string }[] = [
  { value: 'boolean', label: 'Boolean' },
  { value: 'string', label: 'String' },
  { value: 'number', label: 'Number' },
  { value: 'object', label: 'Object (JSON)' },
];

export interface NewFlagDialogProps {
  readonly project: string;
  readonly open: boolean;
  /** What the field of the key begins with. */
  readonly initialKey?: string;
  readonly onClose: () => void;
  readonly onCreated: (flag: Flag) => void;
}

export default function NewFlagDialog({ project, open, initialKey = '', onClose, onCreated }: NewFlagDialogProps) {
  const [form, setForm] = useState(() => ({ ...emptyForm(), key: initialKey }));
  const [errors, setErrors] = useState<FormErrors>({});
  const creating = useCreateFlag(project);
  const change = (part: Partial<FlagForm>) => setForm((current) => ({ ...current, ...part }));
  const submit = () => {
    const result = toCreateFlagInput(form, Date.now());
    if ('errors' in result) return setErrors(result.errors);
    setErrors({});
    creating.mutate(result.input, { onSuccess: onCreated, onError: (error) => setErrors(errorsOf(error)) });
  };
  const temporary = isTemporary(form.kind);
  const rows = form.variants.map(({ id, name }) => ({ value: String(id), label: name || '(unnamed)' }));
  const unplaced = Object.entries(errors).flatMap(([field, message]) => (PLACED.test(field) ? [] : [message]));
  return (
    <Dialog
      open={open}
      onClose={onClose}
      wide
      title="New flag"
      description="It starts switched off in every environment; nothing changes for anybody until you switch it on."
    >
      <DialogForm action="Create flag" pending={creating.isPending} errors={unplaced} onClose={onClose} onSubmit={submit}>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="Key"
            placeholder="new-checkout"
            hint="As in your code. It cannot be changed later."
            value={form.key}
            error={errors.key}
            onChange={(event) => change({ key: event.target.value })}
            className="font-mono"
          />
          <TextField
            label="Description"
            placeholder="What is different when it is on?"
            value={form.description}
            error={errors.description}
            onChange={(event) => change({ description: event.target.value })}
          />
          <Labelled label="Kind">
            <Select
              label="Kind"
              value={form.kind}
              options={KIND_OPTIONS}
              onChange={(kind) => change({ kind })}
              className="w-full"
            />
          </Labelled>
          <Labelled label="Type">
            <Select
              label="Type"
              value={form.type}
              options={TYPES}
              onChange={(type) => setForm(withType(form, type))}
              className="w-full"
            />
          </Labelled>
          <TextField
            label={temporary ? 'Owner' : 'Owner (optional)'}
            placeholder="A team, or a person"
            hint={temporary ? `Who removes it. A ${form.kind} flag needs one.` : 'Who answers for it.'}
            value={form.owner}
            error={errors.owner}
            onChange={(event) => change({ owner: event.target.value })}
          />
          <TextField
            label={temporary ? 'Expiry' : 'Expiry (optional)'}
            type="date"
            hint={temporary ? 'Left empty: 90 days from now. Passing it changes no value.' : 'Passing it changes no value.'}
            value={form.expiresOn}
            error={errors.expiresOn}
            onChange={(event) => change({ expiresOn: event.target.value })}
          />
        </div>
        <VariantFields type={form.type} variants={form.variants} errors={errors} onChange={(variants) => change({ variants })} />
        <div className="grid gap-4 sm:grid-cols-2">
          <Labelled label="Serve when on" error={errors.fallthrough}>
            <Select
              label="Serve when on"
              value={String(form.served)}
              options={rows}
              onChange={(row) => change({ served: Number(row) })}
              className="w-full"
            />
          </Labelled>
          <Labelled label="Serve when off" error={errors.offVariant}>
            <Select
              label="Serve when off"
              value={String(form.offVariant)}
              options={rows}
              onChange={(row) => change({ offVariant: Number(row) })}
              className="w-full"
            />
          </Labelled>
          <TextField
            label="Tags (optional)"
            placeholder="checkout, mobile"
            hint="Separated by commas."
            value={form.tags}
            error={errors.tags}
            onChange={(event) => change({ tags: event.target.value })}
          />
          <div className="pt-6">
            <BrowsersSwitch checked={form.clientSide} onChange={(clientSide) => change({ clientSide })} />
          </div>
        </div>
      </DialogForm>
    </Dialog>
  );
}

/** Fields that show their own error. */
const PLACED = /^(key|description|owner|expiresOn|tags|fallthrough|offVariant|variants(\..*)?)$/;

function errorsOf(error: unknown): FormErrors {
  const details = error instanceof ApiError ? error.details : [];
  if (details.length === 0) return hasKeyConflict(error) ? { key: toSentence(error) } : { form: toSentence(error) };
  return Object.fromEntries(details.map(({ path, message }) => [fieldOf(path === '' ? [] : path.split('.')), message]));
}

function hasKeyConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'already_exists';
}

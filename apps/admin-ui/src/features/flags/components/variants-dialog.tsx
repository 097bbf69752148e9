/** Edits what every environment serves of a flag: its variants, and whether browsers get it. First the edit, then the last look. */
import type { DiffEntry, Environment, Exposure, Flag } from '@yardarm/contract';
import { useState } from 'react';
import { ConflictDialog } from '../../../components/conflict-dialog.tsx';
import { DiffView } from '../../../components/diff-view.tsx';
import { PublishDialog } from '../../../components/publish-dialog.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { hasCode, toSentences } from '../../../lib/api-client.ts';
import { fetchFlag } from '../api/get-flag.ts';
import { useUpdateFlag } from '../api/update-flag.ts';
import { differences, onTopOf, readServed, type Served, type ServedForm, servedInput, toServedForm } from '../served-edit.ts';
import { BrowsersSwitch } from './browsers-switch.tsx';
import { VariantFields } from './variant-fields.tsx';

export interface VariantsDialogProps {
  readonly project: string;
  /** As it was when the dialog was opened: the edit is made from this version. */
  readonly flag: Flag;
  readonly environments: readonly Environment[];
  readonly onClose: () => void;
  /** Every environment has a new revision. */
  readonly onCommitted: () => void;
}

type Step =
  | { readonly at: 'edit' }
  | { readonly at: 'review'; readonly mine: Served }
  | { readonly at: 'conflict'; readonly mine: Served; readonly theirs: Flag; readonly reason: string }
  | { readonly at: 'exposed'; readonly exposes: readonly Exposure[] };

export function VariantsDialog({ project, flag, environments, onClose, onCommitted }: VariantsDialogProps) {
  const [form, setForm] = useState<ServedForm>(() => toServedForm(flag));
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [step, setStep] = useState<Step>({ at: 'edit' });
  const updating = useUpdateFlag(project, flag.key);
  const change = (part: Partial<ServedForm>) => setForm((current) => ({ ...current, ...part }));
  const review = () => {
    const result = readServed(flag.type, form);
    if ('errors' in result) return setErrors(result.errors);
    setErrors({});
    if (Object.keys(servedInput(flag, result.served)).length === 0) return onClose();
    updating.reset();
    setStep({ at: 'review', mine: result.served });
  };
  const publish = (onto: Flag, mine: Served, reason: string) => {
    if (updating.isPending) return;
    const input = { ...servedInput(onto, onTopOf(onto, flag, mine)), ...(reason && { reason }) };
    updating.mutate(
      { version: onto.version, input },
      {
        onSuccess: ({ exposes = [] }) => {
          onCommitted();
          if (exposes.length > 0) setStep({ at: 'exposed', exposes });
          else onClose();
        },
        onError: async (error) => {
          if (!hasCode(error, 'stale_version')) return setStep({ at: 'review', mine });
          // Without theirs, the review stays open and says why.
          const theirs = await fetchFlag(project, flag.key).catch(() => null);
          if (theirs !== null) setStep({ at: 'conflict', mine, theirs, reason });
        },
      },
    );
  };
  const where = environments.length === 1 ? environments[0]?.name : `all ${environments.length} environments`;

  if (step.at === 'edit')
    return (
      <Dialog
        open
        wide
        onClose={onClose}
        title={`Variants of ${flag.key}`}
        description={`They are the same in ${where}. Who gets which of them stays as it is.`}
      >
        <DialogForm
          action="Review"
          pending={false}
          errors={Object.entries(errors).flatMap(([field, message]) => (/^variants(\.|$)/.test(field) ? [] : [message]))}
          onClose={onClose}
          onSubmit={review}
        >
          <VariantFields
            type={flag.type}
            variants={form.variants}
            errors={errors}
            onChange={(variants) => change({ variants })}
          />
          <BrowsersSwitch checked={form.clientSide} onChange={(clientSide) => change({ clientSide })} />
        </DialogForm>
      </Dialog>
    );
  if (step.at === 'review')
    return (
      <PublishDialog
        title={`Publish the variants of ${flag.key}`}
        description={`Applications get them at once, in ${where}.`}
        entries={differences(flag, step.mine)}
        reasonRequired={environments.some((environment) => environment.protected)}
        pending={updating.isPending}
        errors={toSentences(updating.error)}
        // While it is on its way, its answer decides where this goes.
        onClose={() => !updating.isPending && setStep({ at: 'edit' })}
        onPublish={(reason) => publish(flag, step.mine, reason)}
      />
    );
  if (step.at === 'conflict')
    return (
      <ConflictDialog
        open
        environmentName={`'${flag.key}'`}
        actor={null}
        theirs={<Differences entries={differences(flag, step.theirs)} />}
        mine={<Differences entries={differences(flag, step.mine)} />}
        pending={updating.isPending}
        onClose={() => setStep({ at: 'edit' })}
        onKeepTheirs={onClose}
        onPublishMine={() => publish(step.theirs, step.mine, step.reason)}
      />
    );
  return (
    <Dialog open wide onClose={onClose} title="Published" description="Every visitor of your pages can now read this:">
      <DialogBody>
        <ul className="list-disc space-y-1 pl-5 text-sm">
          {step.exposes.map(({ code, path, message }) => (
            <li key={`${code} ${path}`} className="wrap-anywhere">
              {message}
            </li>
          ))}
        </ul>
      </DialogBody>
      <DialogFooter>
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

/** Theirs may be an edit of something else, such as the owner. */
function Differences({ entries }: { readonly entries: readonly DiffEntry[] }) {
  if (entries.length === 0) return <p className="text-ink-faint text-sm">Neither variants nor browsers.</p>;
  return <DiffView entries={entries} />;
}

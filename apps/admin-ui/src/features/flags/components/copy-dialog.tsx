/** Gives a flag the configuration that it has in another environment, after a look at what that changes. */
import type { Environment, Flag } from '@yardarm/contract';
import { useState } from 'react';
import { DiffView } from '../../../components/diff-view.tsx';
import { ReasonField, useReason } from '../../../components/reason-field.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useCopyFlag } from '../api/copy-flag.ts';
import { toTargeting } from '../targeting/targeting.ts';
import { targetingDiff, targetingText } from '../targeting/targeting-diff.ts';

export interface CopyDialogProps {
  readonly project: string;
  readonly flag: Flag;
  /** Every environment of the project. */
  readonly environments: readonly Environment[];
  readonly onClose: () => void;
  readonly onCommitted: (environment: string, revision: number) => void;
}

export function CopyDialog({ project, flag, environments, onClose, onCommitted }: CopyDialogProps) {
  const [from, setFrom] = useState(environments[0]?.key ?? '');
  const [to, setTo] = useState(environments[1]?.key ?? '');
  const [segments, setSegments] = useState(false);
  const copying = useCopyFlag(project);
  const source = flag.environments.find(({ environment }) => environment === from);
  const target = flag.environments.find(({ environment }) => environment === to);
  const entries = source && target ? targetingDiff(toTargeting(target), toTargeting(source)) : [];
  const isProtected = environments.some((one) => one.key === to && one.protected);
  const reason = useReason(isProtected);
  const options = environments.map(({ key, name }) => ({ value: key, label: name }));
  const usesSegments = JSON.stringify(source?.rules ?? []).includes('"segment":');
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={`Copy '${flag.key}'`}
      description="Its rules come over; on and off stay as they are."
    >
      <DialogForm
        action="Copy"
        disabled={from === to || (entries.length === 0 && !segments)}
        pending={copying.isPending}
        errors={toSentences(copying.error)}
        onClose={onClose}
        onSubmit={() =>
          target &&
          reason.give((text) =>
            copying.mutate(
              { key: flag.key, environment: to, version: target.version, from, segments, reason: text },
              {
                onSuccess: ({ revision, items }) => {
                  if (items.length > 0) onCommitted(to, revision);
                  onClose();
                },
              },
            ),
          )
        }
      >
        <div className="flex flex-wrap items-center gap-2 text-sm">
          From
          <Select label="Copy from" value={from} options={options} onChange={setFrom} />
          to
          <Select label="Copy to" value={to} options={options} onChange={setTo} />
        </div>
        {entries.length > 0 ? (
          <DiffView entries={entries} toText={targetingText} />
        ) : (
          <p className="text-ink-faint text-sm">{from === to ? 'Choose two environments.' : 'Both are configured alike.'}</p>
        )}
        {usesSegments && (
          <label className="flex items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="checkbox shrink-0"
              checked={segments}
              onChange={(event) => setSegments(event.target.checked)}
            />
            With the segments that its rules use
          </label>
        )}
        <ReasonField reason={reason} />
      </DialogForm>
    </Dialog>
  );
}

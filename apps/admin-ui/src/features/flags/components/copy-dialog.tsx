/** Gives a flag the configuration that it has in another environment, after a look at what that changes. */
import { diff, type Environment, type Flag, type FlagEnvironment } from '@yardarm/contract';
import { useState } from 'react';
import { DiffView } from '../../../components/diff-view.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../components/ui/dialog.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { useCopyFlag } from '../api/copy-flag.ts';

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
  const [reason, setReason] = useState('');
  const copying = useCopyFlag(project);
  const source = flag.environments.find(({ environment }) => environment === from);
  const target = flag.environments.find(({ environment }) => environment === to);
  const entries = source && target ? diff(configurationOf(target), configurationOf(source)) : [];
  const isProtected = environments.some((one) => one.key === to && one.protected);
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
      <DialogBody>
        <div className="flex flex-wrap items-center gap-2 text-sm">
          From
          <Select label="Copy from" value={from} options={options} onChange={setFrom} />
          to
          <Select label="Copy to" value={to} options={options} onChange={setTo} />
        </div>
        {entries.length > 0 ? (
          <DiffView entries={entries} />
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
        <TextField
          label="Reason"
          value={reason}
          maxLength={1_000}
          required={isProtected}
          hint={isProtected ? 'This environment is protected: a reason is needed.' : 'Kept in the history.'}
          onChange={(event) => setReason(event.target.value)}
        />
        {copying.error && <InlineError message={toSentence(copying.error)} />}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          pending={copying.isPending}
          disabled={from === to || (entries.length === 0 && !segments) || (isProtected && reason.trim() === '')}
          onClick={() =>
            target &&
            copying.mutate(
              { key: flag.key, environment: to, version: target.version, from, segments, reason: reason.trim() },
              {
                onSuccess: ({ revision, items }) => {
                  if (items.length > 0) onCommitted(to, revision);
                  onClose();
                },
              },
            )
          }
        >
          Copy
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

function configurationOf({ offVariant, prerequisites, targets, rules, fallthrough }: FlagEnvironment) {
  return { offVariant, prerequisites, targets, rules, fallthrough };
}

/** Makes the key that replaces another one, and shows its secret, this once. */
import type { SdkKey } from '@yardarm/contract';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { LOST_SECRET, ONLY_HASH, SecretOnce } from '../../../components/ui/secret-once.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useRotateKey } from '../api/rotate-key.ts';

const OVERLAPS = [
  { value: '0', label: 'The old key ends now: it has leaked', hours: 0 },
  { value: '1', label: 'The old key ends in an hour', hours: 1 },
  { value: '24', label: 'The old key ends in a day', hours: 24 },
  { value: '168', label: 'The old key ends in a week', hours: 168 },
  { value: '720', label: 'The old key ends in 30 days', hours: 720 },
] as const;

export interface RotateKeyDialogProps {
  readonly project: string;
  /** Null: closed. */
  readonly sdkKey: SdkKey | null;
  readonly onClose: () => void;
}

export function RotateKeyDialog({ project, sdkKey, onClose }: RotateKeyDialogProps) {
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]['value']>('24');
  const rotating = useRotateKey(project);
  const made = rotating.data ?? null;
  const close = () => {
    rotating.reset();
    onClose();
  };
  const overlapHours = OVERLAPS.find(({ value }) => value === overlap)?.hours ?? 24;
  return (
    <Dialog
      open={sdkKey !== null}
      onClose={close}
      mustAnswer={made !== null}
      title={made ? (made.secret ? 'Copy the key now' : LOST_SECRET) : `Rotate '${sdkKey?.name ?? ''}'?`}
      description={made ? ONLY_HASH : 'A new key is made. Put it into your application before the old one ends.'}
    >
      {made ? (
        <SecretOnce
          secret={made.secret}
          label="Copy SDK key"
          instead="Nobody can read the new key any more. Rotate that one, and you get one to copy."
          onCopied={close}
        />
      ) : (
        <DialogForm
          action="Rotate key"
          pending={rotating.isPending}
          errors={toSentences(rotating.error)}
          onClose={close}
          onSubmit={() => sdkKey && rotating.mutate({ environment: sdkKey.environment, id: sdkKey.id, overlapHours })}
        >
          <Select label="When the old key ends" value={overlap} options={OVERLAPS} onChange={setOverlap} className="w-full" />
        </DialogForm>
      )}
    </Dialog>
  );
}

import type { SdkKey } from '@yardarm/contract';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../components/ui/dialog.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { useRevokeKey } from '../api/revoke-key.ts';

export interface RevokeKeyDialogProps {
  readonly project: string;
  /** Null: closed. */
  readonly sdkKey: SdkKey | null;
  readonly onClose: () => void;
}

export function RevokeKeyDialog({ project, sdkKey, onClose }: RevokeKeyDialogProps) {
  const revoking = useRevokeKey(project);
  return (
    <Dialog
      open={sdkKey !== null}
      onClose={onClose}
      title={`Revoke '${sdkKey?.name ?? ''}'?`}
      description="Instances that use it are disconnected at once and keep the values they have until they restart. This cannot be undone."
    >
      {revoking.error && (
        <DialogBody>
          <InlineError message={toSentence(revoking.error)} />
        </DialogBody>
      )}
      <div className="h-4" />
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="danger"
          pending={revoking.isPending}
          onClick={() => sdkKey && revoking.mutate({ environment: sdkKey.environment, id: sdkKey.id }, { onSuccess: onClose })}
        >
          Revoke key
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

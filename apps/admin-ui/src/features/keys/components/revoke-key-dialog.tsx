import type { SdkKey } from '@yardarm/contract';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { toSentences } from '../../../lib/api-client.ts';
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
      <DialogForm
        action="Revoke key"
        look="danger"
        pending={revoking.isPending}
        errors={toSentences(revoking.error)}
        onClose={onClose}
        onSubmit={() => sdkKey && revoking.mutate({ environment: sdkKey.environment, id: sdkKey.id }, { onSuccess: onClose })}
      />
    </Dialog>
  );
}

import type { ApiToken } from '@yardarm/contract';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useRevokeToken } from '../api/tokens.ts';

export interface RevokeTokenDialogProps {
  /** Null: closed. */
  readonly token: ApiToken | null;
  readonly onClose: () => void;
}

export function RevokeTokenDialog({ token, onClose }: RevokeTokenDialogProps) {
  const revoking = useRevokeToken();
  return (
    <Dialog
      open={token !== null}
      onClose={onClose}
      title={`Revoke '${token?.name ?? ''}'?`}
      description="Whatever uses it is refused from its next request on. This cannot be undone."
    >
      <DialogForm
        action="Revoke"
        look="danger"
        pending={revoking.isPending}
        errors={toSentences(revoking.error)}
        onClose={onClose}
        onSubmit={() => token && revoking.mutate(token.id, { onSuccess: onClose })}
      />
    </Dialog>
  );
}

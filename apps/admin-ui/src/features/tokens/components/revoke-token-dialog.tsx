import type { ApiToken } from '@yardarm/contract';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../components/ui/dialog.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { toSentence } from '../../../lib/api-client.ts';
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
          onClick={() => token && revoking.mutate(token.id, { onSuccess: onClose })}
        >
          Revoke
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

/** Why a flag changes in an environment that is protected. A kill is never asked for anything. */
import type { Environment } from '@yardarm/contract';
import { ReasonDialog } from './reason-dialog.tsx';

export interface ProtectedDialogProps {
  readonly flag: string;
  readonly environment: Pick<Environment, 'name'>;
  readonly what: 'unkill' | 'publish';
  readonly pending?: boolean;
  readonly error?: string | null;
  readonly onClose: () => void;
  readonly onConfirm: (reason: string) => void;
}

export function ProtectedDialog(props: ProtectedDialogProps) {
  const { flag, environment, what, pending = false, error = null, onClose, onConfirm } = props;
  return (
    <ReasonDialog
      title={what === 'unkill' ? `Switch ${flag} on in ${environment.name}` : `Publish ${flag} in ${environment.name}`}
      description={`${environment.name} is protected: say why ${flag} changes there.`}
      action={what === 'unkill' ? 'Switch on' : 'Publish'}
      required
      {...{ pending, error, onClose, onConfirm }}
    />
  );
}

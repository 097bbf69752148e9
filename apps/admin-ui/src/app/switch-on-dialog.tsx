/** Why something is switched on where that is protected. A kill is never asked for anything. */
import type { Environment } from '@yardarm/contract';
import { ReasonDialog } from '../components/reason-dialog.tsx';

export interface SwitchOnDialogProps {
  readonly flag: string;
  readonly environment: Environment;
  readonly onClose: () => void;
  readonly onConfirm: (reason: string) => void;
}

export function SwitchOnDialog({ flag, environment: { name }, onClose, onConfirm }: SwitchOnDialogProps) {
  return (
    <ReasonDialog
      title={`Switch ${flag} on in ${name}`}
      description={`${name} is protected: say why ${flag} changes there.`}
      action="Switch on"
      required
      pending={false}
      error={null}
      onClose={onClose}
      onConfirm={(reason) => {
        onClose();
        onConfirm(reason);
      }}
    />
  );
}

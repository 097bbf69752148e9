/** Asks before somebody is locked out, and shows the link of a reset, this once. */
import type { User } from '@yardarm/contract';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { SecretOnce } from '../../../components/ui/secret-once.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useChangeUser } from '../api/people.ts';

export interface ChangeUserDialogProps {
  /** Null: closed. */
  readonly user: User | null;
  readonly verb: 'disable' | 'reset';
  readonly onClose: () => void;
}

const WORDS = {
  disable: {
    title: (name: string) => `Disable ${name}?`,
    description:
      'Their sessions, links and personal tokens end at once. What they did stays in the history. You can enable them again.',
    action: 'Disable',
    look: 'danger',
  },
  reset: {
    title: (name: string) => `A new password for ${name}?`,
    description: 'You get a link to hand over. The present password works until the link is used.',
    action: 'Make the link',
    look: 'primary',
  },
} as const;

export function ChangeUserDialog({ user, verb, onClose }: ChangeUserDialogProps) {
  const changing = useChangeUser();
  const { title, description, action, look } = WORDS[verb];
  const secret = changing.data?.secret;
  const close = () => {
    changing.reset();
    onClose();
  };
  return (
    <Dialog
      open={user !== null}
      onClose={close}
      mustAnswer={secret !== undefined}
      title={secret === undefined ? title(user?.name ?? '') : `Hand this link to ${user?.name ?? ''}`}
      description={secret === undefined ? description : 'It works once, within an hour, and is shown only now.'}
    >
      {secret === undefined ? (
        <DialogForm
          action={action}
          look={look}
          pending={changing.isPending}
          errors={toSentences(changing.error)}
          onClose={close}
          onSubmit={() => user && changing.mutate({ id: user.id, verb }, { onSuccess: () => verb === 'disable' && close() })}
        />
      ) : (
        <SecretOnce secret={`${window.location.origin}/reset#${secret}`} label="Copy reset link" onCopied={close} />
      )}
    </Dialog>
  );
}

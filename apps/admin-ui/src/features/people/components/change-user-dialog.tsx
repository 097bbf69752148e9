/** Asks before somebody is locked out, and shows the link of a reset, this once. */
import type { User } from '@yardarm/contract';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { LOST_SECRET, SecretOnce } from '../../../components/ui/secret-once.tsx';
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
  const made = verb === 'reset' ? changing.data : undefined;
  const close = () => {
    changing.reset();
    onClose();
  };
  return (
    <Dialog
      open={user !== null}
      onClose={close}
      mustAnswer={made !== undefined}
      title={made ? (made.secret ? `Hand this link to ${made.name}` : LOST_SECRET) : title(user?.name ?? '')}
      description={made ? 'It works once, within an hour, and is shown only now.' : description}
    >
      {!made ? (
        <DialogForm
          action={action}
          look={look}
          pending={changing.isPending}
          errors={toSentences(changing.error)}
          onClose={close}
          onSubmit={() => user && changing.mutate({ id: user.id, verb }, { onSuccess: () => verb === 'disable' && close() })}
        />
      ) : (
        <SecretOnce
          secret={made.secret && `${window.location.origin}/reset#${made.secret}`}
          label="Copy reset link"
          instead="Nobody can read the link any more. Make another."
          onCopied={close}
        />
      )}
    </Dialog>
  );
}

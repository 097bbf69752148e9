/** Invites somebody and shows their link, this once. */
import type { Project } from '@yardarm/contract';
import { useState } from 'react';
import { type RightChoice, RightFields, toRight } from '../../../components/right-fields.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { LOST_SECRET, SecretOnce } from '../../../components/ui/secret-once.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { projectOpenLast } from '../../../lib/last-project.ts';
import { useInviteUser } from '../api/people.ts';

export interface InviteDialogProps {
  readonly open: boolean;
  readonly projects: readonly Project[];
  readonly onClose: () => void;
}

export function InviteDialog({ open, projects, onClose }: InviteDialogProps) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [choice, setChoice] = useState<RightChoice>({ role: 'editor', project: projectOpenLast(projects)?.key ?? '' });
  const [missingName, setMissingName] = useState(false);
  const inviting = useInviteUser();
  const made = inviting.data;
  const close = () => {
    inviting.reset();
    setName('');
    setEmail('');
    setMissingName(false);
    onClose();
  };
  const submit = () => {
    setMissingName(name.trim() === '');
    if (name.trim() !== '')
      inviting.mutate({ name: name.trim(), email: email.trim() === '' ? null : email.trim(), grants: [toRight(choice)] });
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      mustAnswer={made !== undefined}
      title={made ? (made.secret ? `Hand this link to ${made.name}` : LOST_SECRET) : 'Invite somebody'}
      description={
        made
          ? 'It works once, for seven days, and is shown only now. Whoever opens it chooses a password.'
          : 'You get a link to hand over; no e-mail is sent.'
      }
    >
      {made ? (
        <SecretOnce
          secret={made.secret && `${window.location.origin}/invite#${made.secret}`}
          label="Copy invite link"
          instead={`${made.name} is invited, and nobody can read the link any more. Make a reset link for them instead.`}
          onCopied={close}
        />
      ) : (
        <DialogForm
          action="Make the link"
          pending={inviting.isPending}
          errors={toSentences(inviting.error)}
          onClose={close}
          onSubmit={submit}
        >
          <TextField
            label="Name"
            hint="What they sign in with, and what the history shows."
            value={name}
            error={missingName ? 'Give them a name.' : undefined}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField label="E-mail, if you like" type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
          <RightFields value={choice} projects={projects} everywhere onChange={setChoice} />
        </DialogForm>
      )}
    </Dialog>
  );
}

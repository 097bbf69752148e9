import type { Team } from '@yardarm/contract';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { TokenInput } from '../../../components/ui/token-input.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useSaveTeam } from '../api/teams.ts';

export interface TeamDialogProps {
  /** Null: a new one. */
  readonly team: Team | null;
  /** Names of everybody who can be a member. */
  readonly people: readonly string[];
  readonly onClose: () => void;
}

export function TeamDialog({ team, people, onClose }: TeamDialogProps) {
  const [key, setKey] = useState(team?.key ?? '');
  const [name, setName] = useState(team?.name ?? '');
  const [members, setMembers] = useState<readonly string[]>(team?.members ?? []);
  const [tried, setTried] = useState(false);
  const saving = useSaveTeam();
  // Nobody is made a member by a slip of the finger.
  const toMember = (typed: string) => people.find((one) => one.toLowerCase() === typed.trim().toLowerCase()) ?? null;
  return (
    <Dialog
      open
      onClose={onClose}
      title={team === null ? 'New team' : `Edit ${team.name}`}
      description="A team owns flags by its key, and what it may do its members may."
    >
      <DialogForm
        action={team === null ? 'Create team' : 'Save'}
        pending={saving.isPending}
        errors={toSentences(saving.error)}
        onClose={onClose}
        onSubmit={() => {
          setTried(true);
          if (key.trim() !== '')
            saving.mutate({ team, key: key.trim(), name: name.trim() || key.trim(), members }, { onSuccess: onClose });
        }}
      >
        {team === null && (
          <TextField
            autoFocus
            label="Key"
            placeholder="checkout"
            className="font-mono"
            hint="As flags name their owner. It cannot be changed later."
            error={tried && key.trim() === '' ? 'Give the team a key.' : undefined}
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        )}
        <TextField label="Name" placeholder={key || 'Checkout'} value={name} onChange={(event) => setName(event.target.value)} />
        <div>
          <div className="mb-1 font-medium text-sm">Members</div>
          <TokenInput
            label="Members"
            placeholder="names of people"
            tokens={members}
            toToken={toMember}
            suggestions={people.filter((one) => !members.includes(one))}
            onChange={setMembers}
          />
          <p className="mt-1 text-ink-faint text-xs">People who are known here; others are invited first.</p>
        </div>
      </DialogForm>
    </Dialog>
  );
}

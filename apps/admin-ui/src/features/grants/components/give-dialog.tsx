/** Gives a person or a team a role in a project or in one of its environments. */
import { type Environment, ROLES, type Role, type Team } from '@yardarm/contract';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { FieldFrame } from '../../../components/ui/field.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { SuggestInput } from '../../../components/ui/suggest-input.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useCreateGrant } from '../api/grants.ts';

const EVERYWHERE = '';
const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: 'Viewer: reads everything but keys and secrets',
  editor: 'Editor: makes and edits flags, kills and unkills',
  releaser: 'Releaser: changes protected environments too',
  admin: 'Admin: keys, environments, webhooks and rights too',
};

export interface GiveDialogProps {
  readonly project: string;
  readonly environments: readonly Environment[];
  /** Whether the whole project may be given. */
  readonly everywhere: boolean;
  readonly teams: readonly Team[];
  /** Names of people, where the reader may see them. */
  readonly people: readonly string[];
  readonly onClose: () => void;
}

export function GiveDialog({ project, environments, everywhere, teams, people, onClose }: GiveDialogProps) {
  const [holder, setHolder] = useState('');
  const [role, setRole] = useState<Role>('editor');
  const [place, setPlace] = useState(everywhere ? EVERYWHERE : (environments[0]?.key ?? EVERYWHERE));
  const [missing, setMissing] = useState(false);
  const giving = useCreateGrant(project);
  const name = holder.trim();
  const team = teams.find(({ key }) => key === name);
  const isBoth = team !== undefined && people.includes(name);
  const suggestions = [
    ...people.map((value) => ({ value, label: 'person' })),
    ...teams.map(({ key, name: label }) => ({ value: key, label: `team ${label}` })),
  ];
  const [asTeam, setAsTeam] = useState(false);
  return (
    <Dialog open onClose={onClose} title="Give a right" description="Rights add up. Nobody gives more than they hold themselves.">
      <DialogForm
        action="Give"
        pending={giving.isPending}
        errors={toSentences(giving.error)}
        onClose={onClose}
        onSubmit={() => {
          setMissing(name === '');
          if (name === '') return;
          const isTeam = team !== undefined && (!isBoth || asTeam);
          const environment = place === EVERYWHERE ? null : place;
          giving.mutate({ environment, role, holder: isTeam ? { team: name } : { user: name } }, { onSuccess: onClose });
        }}
      >
        <FieldFrame
          id="holder"
          label="Person or team"
          hint="A person by name, a team by its key."
          error={missing ? 'Name a person or a team.' : undefined}
        >
          <SuggestInput
            id="holder"
            autoFocus
            aria-label="Person or team"
            value={holder}
            suggestions={suggestions}
            onText={setHolder}
          />
        </FieldFrame>
        {isBoth && (
          <label className="flex items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="checkbox shrink-0"
              checked={asTeam}
              onChange={({ target }) => setAsTeam(target.checked)}
            />
            The team of this key, and not the person of this name
          </label>
        )}
        <fieldset>
          <legend className="mb-1 font-medium text-sm">May work as</legend>
          <div className="space-y-2">
            <Select
              label="Role"
              value={role}
              options={ROLES.map((value) => ({ value, label: ROLE_WORDS[value] }))}
              onChange={setRole}
              className="w-full"
            />
            <Select
              label="Place"
              value={place}
              options={[
                ...(everywhere ? [{ value: EVERYWHERE, label: 'everywhere in this project' }] : []),
                ...environments.map((one) => ({ value: one.key, label: `in ${one.name}` })),
              ]}
              onChange={setPlace}
              className="w-full"
            />
          </div>
        </fieldset>
      </DialogForm>
    </Dialog>
  );
}

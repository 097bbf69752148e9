import type { Team } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';

export interface TeamsListProps {
  readonly teams: readonly Team[];
  /** Name of whoever is signed in. */
  readonly self: string | undefined;
  /** Whether the reader may edit teams. */
  readonly editable: boolean;
  /** Leads to the flags that the team owns. */
  readonly flagsLink: (team: Team) => ReactNode;
  readonly onEdit: (team: Team) => void;
  readonly onDelete: (team: Team) => void;
}

export function TeamsList({ teams, self, editable, flagsLink, onEdit, onDelete }: TeamsListProps) {
  return (
    <ul className="divide-y divide-line">
      {teams.map((team) => (
        <li key={team.key} className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
          <div className="min-w-52 flex-1">
            <h2 className="flex flex-wrap items-baseline gap-x-2 text-sm">
              <span className="break-words font-semibold">{team.name}</span>
              <code className="break-all font-mono text-ink-faint text-xs">{team.key}</code>
            </h2>
            <div className="mt-1.5 flex flex-wrap gap-1">
              {team.members.length === 0 && <span className="text-ink-faint text-xs">no members</span>}
              {team.members.map((member) => (
                <Badge key={member} tone={member === self ? 'accent' : 'neutral'}>
                  {member}
                </Badge>
              ))}
            </div>
          </div>
          <div className="flex flex-wrap items-center gap-1">
            {flagsLink(team)}
            {editable && (
              <>
                <Button size="sm" look="ghost" aria-label={`Edit ${team.name}`} onClick={() => onEdit(team)}>
                  Edit
                </Button>
                <Button size="sm" look="ghost" aria-label={`Delete ${team.name}`} onClick={() => onDelete(team)}>
                  Delete
                </Button>
              </>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

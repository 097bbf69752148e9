import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Team } from '@yardarm/contract';
import { useState } from 'react';
import { Button, buttonClass } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { PeopleIcon, PlusIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { usersQuery } from '../../features/people/api/people.ts';
import { projectsQuery } from '../../features/projects/api/get-projects.ts';
import { sessionQuery } from '../../features/session/api/get-session.ts';
import { teamsQuery, useDeleteTeam } from '../../features/teams/api/teams.ts';
import { TeamDialog } from '../../features/teams/components/team-dialog.tsx';
import { TeamsList } from '../../features/teams/components/teams-list.tsx';
import { administers } from '../../lib/administers.ts';
import { toSentence } from '../../lib/api-client.ts';
import { projectOpenLast } from '../../lib/last-project.ts';
import { useConfirmation } from '../../lib/use-confirmation.ts';

export default function TeamsPage() {
  const { data: session } = useQuery(sessionQuery());
  const editable = session !== undefined && administers(session.grants, null);
  const teams = useQuery(teamsQuery());
  const { data: people = [] } = useQuery({ ...usersQuery(), enabled: editable });
  const { data: projects = [] } = useQuery(projectsQuery());
  const project = projectOpenLast(projects);
  const [editing, setEditing] = useState<Team | 'new' | null>(null);
  const deleting = useConfirmation(useDeleteTeam());
  return (
    <Page
      title="Teams"
      description={
        editable ? 'Who answers for flags together.' : 'Who answers for flags together. An administrator changes them.'
      }
      actions={
        editable && (
          <Button look="primary" onClick={() => setEditing('new')}>
            <PlusIcon /> New team
          </Button>
        )
      }
    >
      <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
        {teams.error && !teams.data ? (
          <ErrorState message={toSentence(teams.error)} onRetry={() => void teams.refetch()} />
        ) : !teams.data ? (
          <SkeletonRows rows={4} label="Loading teams" />
        ) : teams.data.length === 0 ? (
          <EmptyState icon={<PeopleIcon className="size-5" />} title="No teams yet">
            A team owns flags, so that they have an owner also when somebody leaves.
          </EmptyState>
        ) : (
          <TeamsList
            teams={teams.data}
            self={session?.actor.name}
            editable={editable}
            flagsLink={({ key, name }) =>
              project && (
                <Link
                  to="/projects/$project/flags"
                  params={{ project: project.key }}
                  search={{ owner: key }}
                  className={buttonClass('ghost', 'sm')}
                  aria-label={`Flags in ${project.name} of ${name}`}
                >
                  Flags in {project.name}
                </Link>
              )
            }
            onEdit={setEditing}
            onDelete={deleting.ask}
          />
        )}
      </div>
      {editing && (
        <TeamDialog
          team={editing === 'new' ? null : editing}
          people={people.filter(({ disabledAt }) => disabledAt === null).map(({ name }) => name)}
          onClose={() => setEditing(null)}
        />
      )}
      {deleting.subject && (
        <ConfirmDialog
          {...deleting.dialog}
          title={`Delete ${deleting.subject.name}?`}
          description="Its rights go with it. A team that owns flags cannot be deleted."
          action="Delete team"
        />
      )}
    </Page>
  );
}

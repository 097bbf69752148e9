/** Who may do what in a project, as a whole and in each environment. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { LockedNote } from '../../components/locked.tsx';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { MembersIcon, PlusIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { grantsQuery, useDeleteGrant } from '../../features/grants/api/grants.ts';
import { GiveDialog } from '../../features/grants/components/give-dialog.tsx';
import { MembersList } from '../../features/grants/components/members-list.tsx';
import { describeGrant, membersOf } from '../../features/grants/members.ts';
import { usersQuery } from '../../features/people/api/people.ts';
import { sessionQuery } from '../../features/session/api/get-session.ts';
import { teamsQuery } from '../../features/teams/api/teams.ts';
import { administers } from '../../lib/administers.ts';
import { toSentence } from '../../lib/api-client.ts';
import { actionLock, useMay } from '../../lib/rights.ts';
import { useConfirmation } from '../../lib/use-confirmation.ts';

export default function MembersPage() {
  const { project } = useParams({ from: '/projects/$project/members' });
  const { data: session } = useQuery(sessionQuery());
  const isInstanceAdmin = session !== undefined && administers(session.grants, null);
  const locked = actionLock(useMay(project), 'grant.read', 'see who may do what in this project');
  const grants = useQuery({ ...grantsQuery(project), enabled: locked === undefined });
  const { data: environments = [] } = useQuery(environmentsQuery(project));
  const { data: teams = [] } = useQuery({ ...teamsQuery(), enabled: locked === undefined });
  const { data: people = [] } = useQuery({ ...usersQuery(), enabled: isInstanceAdmin });
  const [giving, setGiving] = useState(false);
  const taking = useConfirmation(useDeleteGrant(project));
  return (
    <Page
      title="Members"
      description={
        <>
          Who may do what in this project.{' '}
          {isInstanceAdmin && (
            <>
              Rights on the whole instance are with{' '}
              <Link to="/people" className="underline underline-offset-3 hover:text-ink">
                People
              </Link>
              .
            </>
          )}
        </>
      }
      actions={
        locked === undefined && (
          <Button look="primary" onClick={() => setGiving(true)}>
            <PlusIcon /> Give a right
          </Button>
        )
      }
    >
      {locked !== undefined ? (
        <LockedNote why={locked} />
      ) : (
        <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
          {grants.error && !grants.data ? (
            <ErrorState message={toSentence(grants.error)} onRetry={() => void grants.refetch()} />
          ) : !grants.data ? (
            <SkeletonRows rows={4} label="Loading rights" />
          ) : grants.data.length === 0 ? (
            <EmptyState icon={<MembersIcon className="size-5" />} title="Nobody has a right to this project alone">
              Whoever has one to the whole instance may work here too. Give others what they need, and no more.
            </EmptyState>
          ) : (
            <MembersList
              members={membersOf(
                grants.data,
                environments.map(({ key }) => key),
              )}
              environments={environments}
              onTake={taking.ask}
            />
          )}
        </div>
      )}
      {giving && (
        <GiveDialog
          project={project}
          environments={environments}
          everywhere
          teams={teams}
          people={people.map(({ name }) => name)}
          onClose={() => setGiving(false)}
        />
      )}
      {taking.subject && (
        <ConfirmDialog
          {...taking.dialog}
          title={`Take ${describeGrant(taking.subject)} from ${taking.subject.holder.name}?`}
          description={`${taking.subject.environment === null ? 'Everywhere in this project' : `In ${taking.subject.environment}`}, at once. Other rights of theirs stay.`}
          action="Take the right"
        />
      )}
    </Page>
  );
}

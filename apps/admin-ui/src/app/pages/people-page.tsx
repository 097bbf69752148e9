import { useQuery } from '@tanstack/react-query';
import type { User } from '@yardarm/contract';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { PlusIcon } from '../../components/ui/icons.tsx';
import { ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { useChangeUser, usersQuery } from '../../features/people/api/people.ts';
import { ChangeUserDialog } from '../../features/people/components/change-user-dialog.tsx';
import { InviteDialog } from '../../features/people/components/invite-dialog.tsx';
import { PeopleTable } from '../../features/people/components/people-table.tsx';
import { projectsQuery } from '../../features/projects/api/get-projects.ts';
import { toSentence } from '../../lib/api-client.ts';

export default function PeoplePage() {
  const people = useQuery(usersQuery());
  const { data: projects } = useQuery(projectsQuery());
  const [inviting, setInviting] = useState(false);
  const [asked, setAsked] = useState<{ readonly user: User; readonly verb: 'disable' | 'reset' } | null>(null);
  const enabling = useChangeUser();
  return (
    <Page
      title="People"
      description="Who may sign in, and what each may do."
      actions={
        <Button look="primary" onClick={() => setInviting(true)}>
          <PlusIcon /> Invite
        </Button>
      }
    >
      <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
        {people.error && !people.data ? (
          <ErrorState message={toSentence(people.error)} onRetry={() => void people.refetch()} />
        ) : !people.data ? (
          <SkeletonRows rows={4} label="Loading people" />
        ) : (
          <PeopleTable
            people={people.data}
            onReset={(user) => setAsked({ user, verb: 'reset' })}
            onDisable={(user) => setAsked({ user, verb: 'disable' })}
            onEnable={({ id }) => enabling.mutate({ id, verb: 'enable' })}
          />
        )}
      </div>
      {projects && <InviteDialog open={inviting} projects={projects} onClose={() => setInviting(false)} />}
      <ChangeUserDialog user={asked?.user ?? null} verb={asked?.verb ?? 'disable'} onClose={() => setAsked(null)} />
    </Page>
  );
}

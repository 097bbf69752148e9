/** Reached only where there is no project to go to: the first one is made here. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Mark } from '../../components/ui/mark.tsx';
import { EmptyState } from '../../components/ui/notice.tsx';
import { FirstProject } from '../../features/projects/components/first-project.tsx';
import { sessionQuery } from '../../features/session/api/get-session.ts';
import { administers } from '../../lib/administers.ts';

export default function HomePage() {
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery());
  if (session && !administers(session.grants, null))
    return (
      <main className="flex min-h-dvh items-center justify-center">
        <EmptyState icon={<Mark className="size-7" />} title="No project for you yet" isPage>
          You are signed in as {session.actor.name}, and nobody has given you a right to a project. Ask an administrator, then
          reload this page.
        </EmptyState>
      </main>
    );
  return (
    <main className="flex min-h-dvh justify-center px-4 py-[8vh]">
      <div className="w-full max-w-md">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Mark className="size-12" />
          <h1 className="font-semibold text-xl tracking-tight">Welcome{session ? `, ${session.actor.name}` : ''}</h1>
          <ol className="flex flex-wrap justify-center gap-x-4 gap-y-1 text-ink-faint text-sm">
            <li aria-current="step" className="font-medium text-accent">
              1. A project
            </li>
            <li>2. An application</li>
            <li>3. A switch</li>
          </ol>
        </div>
        <FirstProject
          onReady={({ project, environments }) =>
            void navigate({
              to: '/projects/$project/connect',
              params: { project: project.key },
              search: environments[0] ? { environment: environments[0].key } : {},
            })
          }
        />
        <p className="mt-4 text-center text-ink-faint text-sm">
          Not yours to do?{' '}
          <Link to="/people" className="text-accent underline underline-offset-3">
            Invite people
          </Link>{' '}
          or{' '}
          <Link to="/tokens" className="text-accent underline underline-offset-3">
            make an API token
          </Link>{' '}
          first.
        </p>
      </div>
    </main>
  );
}

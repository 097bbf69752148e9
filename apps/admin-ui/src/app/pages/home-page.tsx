import { Link } from '@tanstack/react-router';
import { Mark } from '../../components/ui/mark.tsx';
import { EmptyState } from '../../components/ui/notice.tsx';

/** Reached only where there is no project to go to. */
export function HomePage() {
  return (
    <main className="flex min-h-dvh items-center justify-center">
      <EmptyState icon={<Mark className="size-7" />} title="No projects yet">
        Make the first one with <code className="font-mono text-xs">POST /api/v1/projects</code>, then reload this page.
        <span className="mt-3 block">
          <Link to="/people" className="text-accent underline">
            Invite people
          </Link>{' '}
          or{' '}
          <Link to="/tokens" className="text-accent underline">
            make an API token
          </Link>
          .
        </span>
      </EmptyState>
    </main>
  );
}

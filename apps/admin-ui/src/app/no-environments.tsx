/** In place of what belongs to an environment, while the project has none. */
import { Link } from '@tanstack/react-router';
import { buttonClass } from '../components/ui/button.tsx';
import { ServerIcon } from '../components/ui/icons.tsx';
import { EmptyState } from '../components/ui/notice.tsx';

export function NoEnvironments({ project }: { readonly project: string }) {
  return (
    <EmptyState
      icon={<ServerIcon className="size-5" />}
      title="This project has no environments yet"
      action={
        <Link to="/projects/$project/settings" params={{ project }} className={buttonClass('primary')}>
          Make an environment
        </Link>
      }
    >
      Flags have a state in one, and applications connect to one: development, staging, production.
    </EmptyState>
  );
}

/** Navigation: of the project, of the instance, and who is signed in. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { Button } from '../components/ui/button.tsx';
import {
  FlagIcon,
  HistoryIcon,
  type IconProps,
  KeyIcon,
  LockIcon,
  PeopleIcon,
  SettingsIcon,
  SignOutIcon,
  UserIcon,
} from '../components/ui/icons.tsx';
import { Mark } from '../components/ui/mark.tsx';
import { ThemeToggle } from '../components/ui/theme-toggle.tsx';
import { LiveIndicator } from '../features/live/components/live-indicator.tsx';
import { projectsQuery } from '../features/projects/api/get-projects.ts';
import { ProjectSwitcher } from '../features/projects/components/project-switcher.tsx';
import { useDeleteSession } from '../features/session/api/delete-session.ts';
import { sessionQuery } from '../features/session/api/get-session.ts';
import { administers } from '../lib/administers.ts';

export interface SidebarProps {
  /** Null: there is none to go to. */
  readonly project: string | null;
  /** Whether the page follows a project's stream. */
  readonly live: boolean;
}

export function Sidebar({ project, live }: SidebarProps) {
  const navigate = useNavigate();
  const { data: projects } = useQuery(projectsQuery());
  const { data: session } = useQuery(sessionQuery());
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-line border-b bg-sunken p-3 md:sticky md:top-0 md:h-dvh md:w-58 md:flex-col md:items-stretch md:gap-4 md:border-r md:border-b-0">
      <Link to="/" className="flex items-center gap-2.5 rounded-md px-1 md:pt-1">
        <Mark />
        <span className="font-semibold text-lg tracking-tight">Yardarm</span>
      </Link>
      {project !== null && (
        <>
          <div className="min-w-36 flex-1 md:flex-none">
            <ProjectSwitcher
              projects={projects ?? []}
              current={project}
              onSwitch={(next) => navigate({ to: '/projects/$project/flags', params: { project: next } })}
            />
          </div>
          <nav aria-label="Project" className="flex w-full gap-0.5 md:w-auto md:flex-col">
            <NavigationLink to="/projects/$project/flags" project={project} icon={FlagIcon} label="Flags" />
            <NavigationLink to="/projects/$project/segments" project={project} icon={PeopleIcon} label="Segments" />
            <NavigationLink to="/projects/$project/changes" project={project} icon={HistoryIcon} label="Changes" />
            <NavigationLink to="/projects/$project/keys" project={project} icon={KeyIcon} label="SDK keys" />
            <NavigationLink to="/projects/$project/settings" project={project} icon={SettingsIcon} label="Settings" />
          </nav>
        </>
      )}
      <nav aria-label="Instance" className="flex w-full gap-0.5 md:w-auto md:flex-col md:border-line md:border-t md:pt-4">
        {session && administers(session.grants, null) && <InstanceLink to="/people" icon={UserIcon} label="People" />}
        <InstanceLink to="/tokens" icon={LockIcon} label="API tokens" />
      </nav>
      <SidebarFooter live={live} />
    </header>
  );
}

const LINK = {
  className: 'flex h-8 items-center gap-2.5 rounded-md px-2.5 font-medium text-sm',
  activeProps: { className: 'bg-surface text-ink shadow-card [&>svg]:text-accent' },
  inactiveProps: { className: 'text-ink-soft hover:bg-hover hover:text-ink' },
};

interface NavigationLinkProps {
  readonly to:
    | '/projects/$project/flags'
    | '/projects/$project/segments'
    | '/projects/$project/changes'
    | '/projects/$project/keys'
    | '/projects/$project/settings';
  readonly project: string;
  readonly icon: ComponentType<IconProps>;
  readonly label: string;
}

function NavigationLink({ to, project, icon: Icon, label }: NavigationLinkProps) {
  return (
    <Link to={to} params={{ project }} activeOptions={{ includeSearch: false }} {...LINK}>
      <Icon />
      {label}
    </Link>
  );
}

interface InstanceLinkProps {
  readonly to: '/people' | '/tokens';
  readonly icon: ComponentType<IconProps>;
  readonly label: string;
}

function InstanceLink({ to, icon: Icon, label }: InstanceLinkProps) {
  return (
    <Link to={to} {...LINK}>
      <Icon />
      {label}
    </Link>
  );
}

function SidebarFooter({ live }: { readonly live: boolean }) {
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery());
  const signingOut = useDeleteSession();
  return (
    <div className="flex w-full items-center gap-1 md:mt-auto md:w-auto">
      <div className="min-w-0 flex-1 px-1">
        <div className="truncate font-medium text-sm">{session?.actor.name}</div>
        {live && <LiveIndicator />}
      </div>
      <ThemeToggle />
      <Button
        look="ghost"
        size="icon"
        aria-label="Sign out"
        title="Sign out"
        pending={signingOut.isPending}
        onClick={() => signingOut.mutate(undefined, { onSuccess: () => navigate({ to: '/sign-in' }) })}
      >
        {!signingOut.isPending && <SignOutIcon />}
      </Button>
    </div>
  );
}

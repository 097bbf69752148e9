/** Navigation: of the project, of the instance, and who is signed in. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ComponentType, useState } from 'react';
import { Button } from '../components/ui/button.tsx';
import {
  BroomIcon,
  CloseIcon,
  CompareIcon,
  FlagIcon,
  HistoryIcon,
  type IconProps,
  KeyIcon,
  LockIcon,
  MembersIcon,
  MenuIcon,
  PeopleIcon,
  PlugIcon,
  SearchIcon,
  SegmentIcon,
  SendIcon,
  ServerIcon,
  SettingsIcon,
  ShieldIcon,
  SignOutIcon,
  UserIcon,
} from '../components/ui/icons.tsx';
import { Mark } from '../components/ui/mark.tsx';
import { ThemeToggle } from '../components/ui/theme-toggle.tsx';
import { environmentsQuery } from '../features/environments/api/get-environments.ts';
import { EnvironmentSwitcher } from '../features/environments/components/environment-switcher.tsx';
import { LiveIndicator, ReconnectingNote } from '../features/live/components/live-indicator.tsx';
import { projectsQuery } from '../features/projects/api/get-projects.ts';
import { ProjectSwitcher } from '../features/projects/components/project-switcher.tsx';
import { useDeleteSession } from '../features/session/api/delete-session.ts';
import { sessionQuery } from '../features/session/api/get-session.ts';
import { administers } from '../lib/administers.ts';
import { classNames } from '../lib/class-names.ts';
import { useChosenEnvironment } from './use-environment.ts';

export interface SidebarProps {
  /** Null: there is none to go to. */
  readonly project: string | null;
  /** Whether the page follows a project's stream. */
  readonly live: boolean;
}

/** Pages of a project, in groups: what is looked at every day first. */
const PROJECT_LINKS = [
  [
    { to: '/projects/$project/flags', icon: FlagIcon, label: 'Flags' },
    { to: '/projects/$project/segments', icon: SegmentIcon, label: 'Segments' },
    { to: '/projects/$project/changes', icon: HistoryIcon, label: 'Changes' },
    { to: '/projects/$project/look-up', icon: SearchIcon, label: 'Look up' },
    { to: '/projects/$project/compare', icon: CompareIcon, label: 'Compare' },
    { to: '/projects/$project/hygiene', icon: BroomIcon, label: 'Hygiene' },
  ],
  [
    { to: '/projects/$project/fleet', icon: ServerIcon, label: 'Fleet' },
    { to: '/projects/$project/connect', icon: PlugIcon, label: 'Connect' },
    { to: '/projects/$project/keys', icon: KeyIcon, label: 'SDK keys' },
    { to: '/projects/$project/webhooks', icon: SendIcon, label: 'Webhooks' },
    { to: '/projects/$project/members', icon: MembersIcon, label: 'Members' },
    { to: '/projects/$project/settings', icon: SettingsIcon, label: 'Settings' },
  ],
] as const;

export function Sidebar({ project, live }: SidebarProps) {
  const { data: session } = useQuery(sessionQuery());
  const [open, setOpen] = useState(false);
  // Of a narrow window; in a wide one everything is in sight.
  const close = () => setOpen(false);
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-line border-b bg-sunken p-3 md:sticky md:top-0 md:h-dvh md:w-58 md:flex-col md:flex-nowrap md:items-stretch md:gap-4 md:border-r md:border-b-0">
      <Link to="/" className="flex items-center gap-2.5 rounded-md px-1 md:pt-1" onClick={close}>
        <Mark />
        <span className="font-semibold text-lg tracking-tight max-sm:sr-only">Yardarm</span>
      </Link>
      {project !== null && <Switchers project={project} />}
      <Button
        size="icon"
        className="ml-auto md:hidden"
        aria-label="Menu"
        aria-expanded={open}
        aria-controls="menu"
        onClick={() => setOpen(!open)}
      >
        {open ? <CloseIcon /> : <MenuIcon />}
      </Button>
      <div id="menu" className={classNames('w-full flex-col gap-4 md:flex md:min-h-0 md:flex-1', open ? 'flex' : 'hidden')}>
        <div className="flex flex-col gap-4 md:-mx-3 md:min-h-0 md:flex-1 md:overflow-y-auto md:px-3 md:pb-1">
          {project !== null && (
            <nav aria-label="Project" className="flex flex-col gap-3">
              {PROJECT_LINKS.map((group) => (
                <div key={group[0].label} className="flex flex-col gap-0.5">
                  {group.map(({ to, icon: Icon, label }) => (
                    <Link
                      key={to}
                      to={to}
                      params={{ project }}
                      activeOptions={{ includeSearch: false }}
                      onClick={close}
                      {...LINK}
                    >
                      <Icon />
                      {label}
                    </Link>
                  ))}
                </div>
              ))}
            </nav>
          )}
          <nav aria-label="Instance" className="flex flex-col gap-0.5 border-line border-t pt-4">
            {session && administers(session.grants, null) && (
              <InstanceLink to="/people" icon={UserIcon} label="People" onClick={close} />
            )}
            <InstanceLink to="/teams" icon={PeopleIcon} label="Teams" onClick={close} />
            <InstanceLink to="/tokens" icon={LockIcon} label="API tokens" onClick={close} />
            {session && administers(session.grants, null) && (
              <InstanceLink to="/audit" icon={ShieldIcon} label="Audit" onClick={close} />
            )}
          </nav>
        </div>
        <SidebarFooter live={live} />
      </div>
      {live && !open && <ReconnectingNote />}
    </header>
  );
}

/** What the pages of a project are about. On those of the instance too: what is chosen waits for the way back. */
function Switchers({ project }: { readonly project: string }) {
  const navigate = useNavigate();
  const { data: projects } = useQuery(projectsQuery());
  const { data: environments } = useQuery(environmentsQuery(project));
  const [environment, switchTo] = useChosenEnvironment();
  return (
    <div className="flex min-w-0 flex-1 gap-2 *:min-w-0 *:flex-1 md:flex-none md:flex-col md:*:flex-none">
      <ProjectSwitcher
        projects={projects ?? []}
        current={project}
        onSwitch={(next) =>
          navigate({ to: '/projects/$project/flags', params: { project: next }, search: { environment: undefined } })
        }
      />
      <EnvironmentSwitcher environments={environments ?? []} current={environment} onSwitch={switchTo} />
    </div>
  );
}

const LINK = {
  className: 'flex h-8 shrink-0 items-center gap-2.5 rounded-md px-2.5 font-medium text-sm md:[@media(max-height:54rem)]:h-7.5',
  activeProps: { className: 'bg-raised text-ink shadow-card [&>svg]:text-accent' },
  inactiveProps: { className: 'text-ink-soft hover:bg-hover hover:text-ink' },
};

interface InstanceLinkProps {
  readonly to: '/people' | '/teams' | '/tokens' | '/audit';
  readonly icon: ComponentType<IconProps>;
  readonly label: string;
  readonly onClick: () => void;
}

function InstanceLink({ icon: Icon, label, ...link }: InstanceLinkProps) {
  return (
    <Link {...link} {...LINK}>
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
    <div className="flex w-full shrink-0 items-center gap-1 md:w-auto">
      {/* As high with the live connection as without, so that nothing jumps on the way to a page of the instance. */}
      <div className="flex min-w-0 flex-1 flex-col justify-center px-1 md:min-h-10">
        <Link to="/account" title="Your account" className="truncate rounded font-medium text-sm hover:text-accent">
          {session?.actor.name}
        </Link>
        {live && <LiveIndicator />}
      </div>
      <ThemeToggle />
      <Button
        look="ghost"
        size="icon"
        aria-label="Sign out"
        title="Sign out"
        pending={signingOut.isPending}
        onClick={() => signingOut.mutate(undefined, { onSuccess: () => navigate({ to: '/sign-in', ignoreBlocker: true }) })}
      >
        {!signingOut.isPending && <SignOutIcon />}
      </Button>
    </div>
  );
}

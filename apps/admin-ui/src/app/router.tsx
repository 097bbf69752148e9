/** Every address of the app. Filters live in the search parameters; the first pages load at once, the rest when asked for. */
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type ParsedLocation,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { environmentsQuery } from '../features/environments/api/get-environments.ts';
import { flagQuery } from '../features/flags/api/get-flag.ts';
import { flagsQuery } from '../features/flags/api/get-flags.ts';
import { parseFlagFilter } from '../features/flags/flag-filter.ts';
import { projectsQuery } from '../features/projects/api/get-projects.ts';
import { sessionQuery } from '../features/session/api/get-session.ts';
import { hasCode } from '../lib/api-client.ts';
import { readLastProject } from '../lib/last-project.ts';
import type { ChangesFilter } from '../lib/query-keys.ts';
import { parseConnectSearch } from './connect-search.ts';
import { InstanceLayout } from './instance-layout.tsx';
import { ErrorPage, NotFoundPage } from './pages/error-page.tsx';
import { FlagsPage } from './pages/flags-page.tsx';
import { OpeningPage } from './pages/opening-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { ProjectLayout } from './project-layout.tsx';
import { requireProject } from './require-project.ts';

interface RouterContext {
  readonly queryClient: QueryClient;
}

/** Which environment the pages of a project show first: one for all of them, which every way between them keeps. */
function environmentSearch(search: Record<string, unknown>): { environment?: string } {
  return search.environment === undefined ? {} : { environment: String(search.environment) };
}

const root = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  errorComponent: ErrorPage,
  notFoundComponent: NotFoundPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { next?: string; error?: string } => ({
    ...(typeof search.next === 'string' && { next: search.next }),
    ...(typeof search.error === 'string' && { error: search.error }),
  }),
  component: SignInPage,
});

/** Where one-time links lead with which a password is chosen. */
const choosePassword = (['set-up', 'invite', 'reset'] as const).map((purpose) =>
  createRoute({
    getParentRoute: () => root,
    path: `/${purpose}`,
    // Apart: it knows how long a password may be, and with that the whole contract of the API.
    component: lazyRouteComponent(() =>
      import('./pages/choose-password-page.tsx').then(({ ChoosePasswordPage }) => ({
        default: () => <ChoosePasswordPage purpose={purpose} />,
      })),
    ),
  }),
);

/** Sends whoever has no session to sign in, and back to where they were going. */
async function requireSession({ queryClient }: RouterContext, { pathname, href }: ParsedLocation): Promise<void> {
  try {
    await queryClient.ensureQueryData(sessionQuery());
  } catch (error) {
    if (!hasCode(error, 'unauthenticated')) throw error;
    throw redirect({ to: '/sign-in', search: pathname === '/' ? {} : { next: href } });
  }
}

/** What stands there until it is known who asks, and for which project: on a slow network that takes seconds. */
const OPENING = { pendingComponent: OpeningPage, pendingMs: 300, pendingMinMs: 0 };

const home = createRoute({
  ...OPENING,
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async ({ context, location }) => {
    await requireSession(context, location);
    const projects = await context.queryClient.ensureQueryData(projectsQuery());
    const last = readLastProject();
    const opened = projects.find(({ key }) => key === last) ?? projects[0];
    if (opened) throw redirect({ to: '/projects/$project/flags', params: { project: opened.key }, replace: true });
  },
  component: lazyRouteComponent(() => import('./pages/home-page.tsx')),
});

const project = createRoute({
  ...OPENING,
  getParentRoute: () => root,
  path: '/projects/$project',
  validateSearch: environmentSearch,
  search: { middlewares: [retainSearchParams(['environment'])] },
  beforeLoad: async ({ context, location, params }) => {
    await requireSession(context, location);
    await requireProject(context.queryClient, params.project);
  },
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(environmentsQuery(params.project));
  },
  component: ProjectLayout,
});

const projectHome = createRoute({
  getParentRoute: () => project,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/projects/$project/flags', params, replace: true });
  },
});

const flags = createRoute({
  getParentRoute: () => project,
  path: '/flags',
  validateSearch: parseFlagFilter,
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(flagsQuery(params.project));
  },
  component: FlagsPage,
});

const flag = createRoute({
  getParentRoute: () => project,
  path: '/flags/$flag',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(flagQuery(params.project, params.flag));
  },
  // Another flag is another page: drafts and receipts must not follow.
  remountDeps: ({ params }) => params,
  component: lazyRouteComponent(() => import('./pages/flag-page.tsx')),
});

const targeting = createRoute({
  getParentRoute: () => project,
  path: '/flags/$flag/environments/$environment',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(flagQuery(params.project, params.flag));
  },
  remountDeps: ({ params }) => params,
  component: lazyRouteComponent(() => import('./pages/targeting-page.tsx')),
});

const segments = createRoute({
  getParentRoute: () => project,
  path: '/segments',
  component: lazyRouteComponent(() => import('./pages/segments-page.tsx')),
});

const segment = createRoute({
  getParentRoute: () => project,
  path: '/segments/$segment',
  remountDeps: ({ params }) => params,
  component: lazyRouteComponent(() => import('./pages/segment-page.tsx')),
});

const changes = createRoute({
  getParentRoute: () => project,
  path: '/changes',
  validateSearch: (search): Pick<ChangesFilter, 'flag'> => (search.flag === undefined ? {} : { flag: String(search.flag) }),
  component: lazyRouteComponent(() => import('./pages/changes-page.tsx')),
});

const hygiene = createRoute({
  getParentRoute: () => project,
  path: '/hygiene',
  validateSearch: (search): { owner?: string } => (search.owner === undefined ? {} : { owner: String(search.owner) }),
  component: lazyRouteComponent(() => import('./pages/hygiene-page.tsx')),
});

const keys = createRoute({
  getParentRoute: () => project,
  path: '/keys',
  component: lazyRouteComponent(() => import('./pages/keys-page.tsx')),
});

const lookUp = createRoute({
  getParentRoute: () => project,
  path: '/look-up',
  validateSearch: environmentSearch,
  component: lazyRouteComponent(() => import('./pages/look-up-page.tsx')),
});

const compare = createRoute({
  getParentRoute: () => project,
  path: '/compare',
  validateSearch: (search): { from?: string; to?: string } => ({
    ...(search.from !== undefined && { from: String(search.from) }),
    ...(search.to !== undefined && { to: String(search.to) }),
  }),
  component: lazyRouteComponent(() => import('./pages/compare-page.tsx')),
});

const fleet = createRoute({
  getParentRoute: () => project,
  path: '/fleet',
  validateSearch: environmentSearch,
  component: lazyRouteComponent(() => import('./pages/fleet-page.tsx')),
});

const connect = createRoute({
  getParentRoute: () => project,
  path: '/connect',
  validateSearch: parseConnectSearch,
  component: lazyRouteComponent(() => import('./pages/connect-page.tsx')),
});

const webhooks = createRoute({
  getParentRoute: () => project,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./pages/webhooks-page.tsx')),
});

const members = createRoute({
  getParentRoute: () => project,
  path: '/members',
  component: lazyRouteComponent(() => import('./pages/members-page.tsx')),
});

const settings = createRoute({
  getParentRoute: () => project,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings-page.tsx')),
});

const instance = createRoute({
  ...OPENING,
  getParentRoute: () => root,
  id: 'instance',
  // Not theirs, but kept for the way back to the pages of the project.
  validateSearch: environmentSearch,
  search: { middlewares: [retainSearchParams(['environment'])] },
  beforeLoad: ({ context, location }) => requireSession(context, location),
  component: InstanceLayout,
});

const people = createRoute({
  getParentRoute: () => instance,
  path: '/people',
  component: lazyRouteComponent(() => import('./pages/people-page.tsx')),
});

const tokens = createRoute({
  getParentRoute: () => instance,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./pages/tokens-page.tsx')),
});

const teams = createRoute({
  getParentRoute: () => instance,
  path: '/teams',
  component: lazyRouteComponent(() => import('./pages/teams-page.tsx')),
});

const audit = createRoute({
  getParentRoute: () => instance,
  path: '/audit',
  validateSearch: (search): { [name in 'actor' | 'kind' | 'command' | 'since']?: string } =>
    Object.fromEntries(
      (['actor', 'kind', 'command', 'since'] as const).flatMap((name) =>
        search[name] === undefined ? [] : [[name, String(search[name])]],
      ),
    ),
  component: lazyRouteComponent(() => import('./pages/audit-page.tsx')),
});

const account = createRoute({
  getParentRoute: () => instance,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/account-page.tsx')),
});

const routeTree = root.addChildren([
  signIn,
  ...choosePassword,
  home,
  instance.addChildren([people, teams, tokens, audit, account]),
  project.addChildren([
    projectHome,
    flags,
    flag,
    targeting,
    segments,
    segment,
    changes,
    hygiene,
    keys,
    lookUp,
    compare,
    fleet,
    connect,
    webhooks,
    members,
    settings,
  ]),
]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}

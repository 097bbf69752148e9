import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useRouter, useSearch } from '@tanstack/react-router';
import type { Environment } from '@yardarm/contract';
import { lazy, Suspense, useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react';
import { ProtectedDialog } from '../../components/protected-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { FlagIcon, PlusIcon, SearchIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { lastEvaluatedQuery } from '../../features/evaluations/api/get-last-evaluated.ts';
import { trendsQuery } from '../../features/evaluations/api/get-trends.ts';
import { EvaluatedCell } from '../../features/evaluations/components/evaluated-cell.tsx';
import { evaluatedByFlag } from '../../features/evaluations/last-evaluated.ts';
import { flagsQuery, flagsSoFarQuery } from '../../features/flags/api/get-flags.ts';
import type { SwitchFlag } from '../../features/flags/api/switch-flag.ts';
import { FlagsTable } from '../../features/flags/components/flags-table.tsx';
import { FlagsToolbar } from '../../features/flags/components/flags-toolbar.tsx';
import { type FlagFilter, filterFlags, parseFlagFilter, toSearchable } from '../../features/flags/flag-filter.ts';
import { chosenColumns, DEFAULT_SORT, nextSort, sortFlags } from '../../features/flags/list-layout.ts';
import { NOTHING_SELECTED, onlyOf, selectedOf } from '../../features/flags/selection.ts';
import { portabilityQuery } from '../../features/portability/api/get-portability.ts';
import { toSentence } from '../../lib/api-client.ts';
import { counted } from '../../lib/counted.ts';
import { switchLock, useMay } from '../../lib/rights.ts';
import { useHeld } from '../../lib/use-held.ts';
import { SwitchedBar } from '../switched-bar.tsx';
import { shownEnvironment } from '../use-environment.ts';
import { useListSwitch } from '../use-list-switch.ts';

/** Between two keys of somebody who types. */
const TYPING_MS = 250;

/** The list comes first. */
const ViewsBar = lazy(() => import('../../features/views/components/views-bar.tsx'));
/** Nobody needs it before something is selected. */
const BulkBar = lazy(() => import('../../features/flags/components/bulk-bar.tsx'));
/** Carries the schema of the request with it, which nobody else needs. */
const NewFlagDialog = lazy(() => import('../../features/flags/components/new-flag-dialog.tsx'));

export function FlagsPage() {
  const { project } = useParams({ from: '/projects/$project/flags' });
  const search = useSearch({ from: '/projects/$project/flags' });
  const filter = useMemo(() => parseFlagFilter(search), [search]);
  const navigate = useNavigate();
  const router = useRouter();
  const [creating, setCreating] = useState(false);
  const [asking, setAsking] = useState<{ readonly request: SwitchFlag; readonly environment: Environment } | null>(null);
  const flags = useQuery(flagsQuery(project));
  const soFar = useQuery(flagsSoFarQuery(project));
  const list = flags.data ?? soFar.data;
  const environments = useQuery(environmentsQuery(project));
  const last = useQuery(lastEvaluatedQuery(project));
  const evaluatedIn = shownEnvironment(environments.data, search.environment);
  const trends = useQuery(trendsQuery(project, evaluatedIn?.key));
  const latest = useMemo(() => last.data && evaluatedIn && evaluatedByFlag(last.data, evaluatedIn.key), [last.data, evaluatedIn]);
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const selected = useMemo(() => selectedOf(selection, list ?? []), [selection, list]);
  // The address follows once nobody types any more: it costs a navigation.
  const [typed, setTyped] = useState<FlagFilter | null>(null);
  const shownFilter = typed ?? filter;
  // Views are of filters, not of every letter of a search on its way.
  const viewed = useDeferredValue(shownFilter as Readonly<Record<string, string | undefined>>);
  const deferredFilter = useDeferredValue(shownFilter);
  useEffect(() => {
    if (typed === null) return;
    const here = { to: '/projects/$project/flags', params: { project }, search: typed } as const;
    const timer = setTimeout(() => {
      // On the way to another page, which is still loading, this would be the way back.
      if (router.history.location.pathname !== router.buildLocation(here).pathname) return;
      setTyped(null);
      void navigate({ ...here, replace: true });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, navigate, project, router]);
  const sort = shownFilter.sort ?? DEFAULT_SORT;
  const chosen = useMemo(() => chosenColumns(shownFilter.columns), [shownFilter.columns]);
  const listed = useMemo(() => environments.data?.filter(({ key }) => !chosen.without.has(key)), [environments.data, chosen]);
  const searchable = useMemo(() => (list ?? []).map(toSearchable), [list]);
  // When flags were evaluated is news every few seconds. An order by it stands still, so that no row moves away under the pointer.
  const sortedBy = useHeld(
    sort.endsWith('evaluated') ? latest : undefined,
    `${project} ${evaluatedIn?.key} ${sort} ${list?.length}`,
  );
  // Once for many searches.
  const sorted = useMemo(
    () => sortFlags(searchable, sort, { flagOf: ({ flag }) => flag, lastEvaluated: (key) => sortedBy?.get(key)?.atMs }),
    [searchable, sort, sortedBy],
  );
  // Worked out by the server, for whoever asks.
  const portability = useQuery(portabilityQuery(project, shownFilter.portable && evaluatedIn?.key));
  const obstacles = portability.data?.obstacles;
  const shown = useMemo(() => filterFlags(sorted, deferredFilter, obstacles), [sorted, deferredFilter, obstacles]);
  const { switchFlag, isPending, switched, dismiss } = useListSwitch(project);
  const evaluatedCell = useCallback(
    (flag: string) => {
      // Nothing is better than a wrong `not reported`.
      if (last.data === undefined || evaluatedIn === undefined) return null;
      return (
        <EvaluatedCell
          evaluated={latest?.get(flag) ?? null}
          environmentName={evaluatedIn.name}
          coverage={last.data.coverage.find(({ environment }) => environment === evaluatedIn.key)}
          trend={trends.data?.flags[flag]}
        />
      );
    },
    [last.data, latest, evaluatedIn, trends.data],
  );
  const may = useMay(project);
  const lockOf = useCallback((environment: Environment, on: boolean) => switchLock(may, environment, on), [may]);
  const newFlag = may('flag.create') && (
    <Button look="primary" onClick={() => setCreating(true)}>
      <PlusIcon /> New flag
    </Button>
  );
  const error = flags.error ?? environments.error ?? portability.error;
  // A kill is never asked for anything; whatever else changes a protected environment is.
  const requestSwitch = useCallback(
    (request: SwitchFlag) => {
      const environment = environments.data?.find(({ key }) => key === request.environment);
      if (request.on && environment?.protected) setAsking({ request, environment });
      else switchFlag(request);
    },
    [environments.data, switchFlag],
  );
  const flagLink = useCallback(
    (flag: string) => (
      <Link
        to="/projects/$project/flags/$flag"
        params={{ project, flag }}
        className="block w-fit max-w-full truncate rounded font-medium underline-offset-3 hover:underline"
      >
        {flag}
      </Link>
    ),
    [project],
  );

  return (
    <Page
      title="Flags"
      description={list && countSentence(shown.length, list.length, flags.data !== undefined)}
      actions={newFlag}
    >
      {/* What is shown answers this search: for whoever measures how long that takes. */}
      <div data-search={deferredFilter.q ?? ''} className="overflow-clip rounded-lg border border-line bg-surface shadow-card">
        <Suspense>
          <ViewsBar project={project} filter={viewed} onShow={(view) => setTyped(parseFlagFilter(view))} />
        </Suspense>
        <FlagsToolbar flags={list ?? []} filter={shownFilter} environments={environments.data ?? []} onFilter={setTyped} />
        {error && (!list || portability.error) ? (
          <ErrorState
            message={toSentence(error)}
            onRetry={() => {
              void flags.refetch();
              void environments.refetch();
              if (portability.error) void portability.refetch();
            }}
          />
        ) : !list || !environments.data || (deferredFilter.portable && !obstacles) ? (
          <SkeletonRows rows={8} label="Loading flags" />
        ) : list.length === 0 ? (
          <EmptyState icon={<FlagIcon className="size-5" />} title="No flags yet" action={newFlag}>
            A flag lets you ship code switched off, and switch it on, or off again, without a deployment.
          </EmptyState>
        ) : shown.length === 0 ? (
          <EmptyState icon={<SearchIcon className="size-5" />} title="No flag matches">
            Nothing in this project fits the search and the filters above.
          </EmptyState>
        ) : (
          <FlagsTable
            flags={shown}
            environments={listed ?? []}
            chosen={chosen}
            sort={sort}
            onSort={(by) => setTyped(parseFlagFilter({ ...shownFilter, sort: nextSort(sort, by) }))}
            isPending={isPending}
            lockOf={lockOf}
            onSwitch={requestSwitch}
            evaluated={evaluatedCell}
            evaluatedIn={evaluatedIn}
            selection={selection}
            onSelection={setSelection}
            flagLink={flagLink}
          />
        )}
      </div>
      {selected.length > 0 && environments.data && (
        <Suspense>
          <BulkBar
            project={project}
            flags={list ?? []}
            selected={selected}
            hidden={selected.length - selectedOf(selection, shown).length}
            environments={environments.data}
            raised={switched !== null}
            onClear={() => setSelection(NOTHING_SELECTED)}
            onOnlyShown={() => setSelection((now) => onlyOf(now, shown))}
          />
        </Suspense>
      )}
      {switched && (
        <SwitchedBar
          project={project}
          switched={switched}
          environments={environments.data ?? []}
          onUndo={switchFlag}
          onDismiss={dismiss}
        />
      )}
      {asking && (
        <ProtectedDialog
          flag={asking.request.key}
          environment={asking.environment}
          what="unkill"
          onClose={() => setAsking(null)}
          onConfirm={(reason) => {
            setAsking(null);
            switchFlag({ ...asking.request, reason });
          }}
        />
      )}
      {creating && (
        <Suspense>
          <NewFlagDialog
            project={project}
            open
            onClose={() => setCreating(false)}
            onCreated={({ key }) => navigate({ to: '/projects/$project/flags/$flag', params: { project, flag: key } })}
          />
        </Suspense>
      )}
    </Page>
  );
}

function countSentence(shown: number, total: number, isWhole: boolean): string {
  if (!isWhole) return `${counted(total, 'flag')} so far…`;
  return shown === total ? counted(total, 'flag') : `${shown.toLocaleString('en-GB')} of ${counted(total, 'flag')}`;
}

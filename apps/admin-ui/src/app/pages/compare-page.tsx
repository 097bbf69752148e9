/** Two environments side by side, and what of one is promoted to the other. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { EntityDiff, Environment, EnvironmentComparison, Flag } from '@yardarm/contract';
import { useState } from 'react';
import { DiffView } from '../../components/diff-view.tsx';
import { EnvironmentName } from '../../components/environment-name.tsx';
import { LockedNote } from '../../components/locked.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { CheckIcon, CompareIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { Select } from '../../components/ui/select.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { comparisonQuery, usePromote } from '../../features/compare/api/compare.ts';
import { changedSince, choiceWords, type EntityId, idOf, keysOf, missingSegments } from '../../features/compare/choice.ts';
import { ComparisonList } from '../../features/compare/components/comparison-list.tsx';
import { PromoteDialog } from '../../features/compare/components/promote-dialog.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { flagsQuery } from '../../features/flags/api/get-flags.ts';
import { toTargeting } from '../../features/flags/targeting/targeting.ts';
import { targetingDiff, targetingText } from '../../features/flags/targeting/targeting-diff.ts';
import { useLiveStatus } from '../../features/live/live-status.ts';
import { ReceiptBar } from '../../features/receipts/components/receipt-bar.tsx';
import { hasCode, toSentence, toSentences } from '../../lib/api-client.ts';
import { counted } from '../../lib/counted.ts';
import { changeLock, useMay } from '../../lib/rights.ts';

const NOBODY: readonly Flag[] = [];

export default function ComparePage() {
  const { project } = useParams({ from: '/projects/$project/compare' });
  const search = useSearch({ from: '/projects/$project/compare' });
  const navigate = useNavigate();
  const environments = useQuery(environmentsQuery(project));
  const all = environments.data ?? [];
  // As changes travel: from the one before to the last.
  const target = all.find(({ key }) => key === search.to) ?? all.at(-1);
  const source =
    all.find(({ key }) => key === search.from && key !== target?.key) ?? all.filter(({ key }) => key !== target?.key).at(-1);
  const show = (from: string, to: string) =>
    navigate({ to: '/projects/$project/compare', params: { project }, search: { from, to }, replace: true });
  const options = all.map(({ key, name }) => ({ value: key, label: name }));
  return (
    <Page title="Compare" description="Two environments side by side, and what of one goes on to the other.">
      {environments.error && !environments.data ? (
        <ErrorState message={toSentence(environments.error)} onRetry={() => void environments.refetch()} />
      ) : !environments.data ? (
        <SkeletonRows rows={5} label="Loading environments" />
      ) : !source || !target ? (
        <EmptyState icon={<CompareIcon className="size-5" />} title="There is nothing to compare">
          It takes two environments; this project has fewer.
        </EmptyState>
      ) : (
        <>
          <div className="mb-4 flex flex-wrap items-center gap-2 text-sm">
            <span className="text-ink-faint">From</span>
            <Select
              label="From"
              value={source.key}
              options={options}
              onChange={(key) => show(key, key === target.key ? source.key : target.key)}
            />
            <Button
              size="icon"
              look="ghost"
              aria-label="Swap the two"
              title="Swap the two"
              onClick={() => show(target.key, source.key)}
            >
              <CompareIcon />
            </Button>
            <span className="text-ink-faint">to</span>
            <Select
              label="To"
              value={target.key}
              options={options}
              onChange={(key) => show(key === source.key ? target.key : source.key, key)}
            />
          </div>
          <Comparison key={`${source.key} ${target.key}`} {...{ project, source, target }} />
        </>
      )}
    </Page>
  );
}

interface ComparisonProps {
  readonly project: string;
  readonly source: Environment;
  readonly target: Environment;
}

function Comparison({ project, source, target }: ComparisonProps) {
  const comparison = useQuery(comparisonQuery(project, { source: source.key, target: target.key }));
  const flags = useQuery(flagsQuery(project)).data ?? NOBODY;
  const may = useMay(project);
  const live = useLiveStatus() === 'live';
  const promoting = usePromote(project);
  const [chosen, setChosen] = useState<ReadonlySet<EntityId>>(new Set());
  /** What was looked at when the dialog opened; null: it is closed. */
  const [looked, setLooked] = useState<EnvironmentComparison | null>(null);
  const [stale, setStale] = useState<readonly EntityId[] | null>(null);
  const [committed, setCommitted] = useState<{ readonly revision: number; readonly atMs: number } | null>(null);
  const locked = changeLock(may, 'flag.configure', target);
  if (comparison.error && !comparison.data)
    return <ErrorState message={toSentence(comparison.error)} onRetry={() => void comparison.refetch()} />;
  if (!comparison.data) return <SkeletonRows rows={6} label="Comparing" />;
  const items = comparison.data.items.filter(({ change }) => change === 'changed');
  const present = new Set([...chosen].filter((id) => items.some((item) => idOf(item) === id)));
  const shown = looked ?? comparison.data;
  const differences = (item: EntityDiff) => <Differences item={item} flags={flags} source={source.key} target={target.key} />;
  const close = () => {
    setLooked(null);
    setStale(null);
    promoting.reset();
  };
  const promote = (reason: string) => {
    const seen = { from: shown.to.revision, to: shown.from.revision };
    const what = { flags: keysOf(present, 'flag'), segments: keysOf(present, 'segment') };
    promoting.mutate(
      { environment: target.key, from: source.key, ...what, seen, reason },
      {
        onSuccess: ({ revision }) => {
          setCommitted({ revision, atMs: Date.now() });
          setChosen(new Set());
          close();
        },
        onError: async (error) => {
          if (!hasCode(error, 'stale_version')) return;
          const { data: now } = await comparison.refetch();
          if (!now) return;
          setStale(changedSince(present, shown.items, now.items));
          setLooked(now);
          promoting.reset();
        },
      },
    );
  };
  const missing = missingSegments(present, items, flags, source.key);
  const onlyOn = comparison.data.on.filter(({ flag }) => !items.some((item) => item.kind === 'flag' && item.key === flag));
  return (
    <div className="space-y-4">
      {locked && <LockedNote why={locked} />}
      {committed && (
        <ReceiptBar
          key={committed.revision}
          {...{ project, live }}
          environment={target.key}
          revision={committed.revision}
          sinceMs={committed.atMs}
          onDismiss={() => setCommitted(null)}
        />
      )}
      <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
        <div className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-4 py-2 text-sm">
          <span className="font-semibold">{countSentence(items.length)}</span>
          <span className="text-ink-faint text-xs tabular-nums">
            <EnvironmentName environment={source} /> revision {comparison.data.to.revision} ·{' '}
            <EnvironmentName environment={target} /> revision {comparison.data.from.revision}
          </span>
          {!locked && items.length > 0 && (
            <span className="ml-auto flex items-center gap-2">
              <Button
                size="sm"
                look="ghost"
                onClick={() => setChosen(present.size === items.length ? new Set() : new Set(items.map(idOf)))}
              >
                {present.size === items.length ? 'Select none' : 'Select all'}
              </Button>
              <Button
                look="primary"
                disabled={present.size === 0}
                onClick={() => setLooked(comparison.data)}
                data-testid="open-promote"
              >
                Promote {choiceWords(present)} to {target.name}…
              </Button>
            </span>
          )}
        </div>
        {items.length === 0 ? (
          <EmptyState icon={<CheckIcon className="size-5" />} title="Both are configured alike">
            Rules, shares, targets and segments are the same. What is on or off may differ: a promotion never touches it.
          </EmptyState>
        ) : (
          <ComparisonList
            items={items}
            chosen={present}
            allowed={!locked}
            onChoose={setChosen}
            differences={differences}
            switches={(item) => <Switches item={item} on={comparison.data.on} source={source} target={target} />}
            link={({ kind, key }) =>
              kind === 'flag' ? (
                <Link
                  to="/projects/$project/flags/$flag/environments/$environment"
                  params={{ project, flag: key, environment: target.key }}
                  className="font-medium underline-offset-3 hover:underline"
                >
                  {key}
                </Link>
              ) : (
                <Link
                  to="/projects/$project/segments/$segment"
                  params={{ project, segment: key }}
                  search={{ environment: target.key }}
                  className="font-medium underline-offset-3 hover:underline"
                >
                  {key}
                </Link>
              )
            }
          />
        )}
      </div>
      {onlyOn.length > 0 && (
        <section
          aria-label="On in one of the two alone"
          className="rounded-lg border border-line bg-surface px-4 py-3 shadow-card"
        >
          <h2 className="mb-2 font-semibold text-sm">Same configuration, switched on in only one of the two</h2>
          <ul className="flex flex-wrap gap-x-6 gap-y-2 text-sm">
            {onlyOn.map((one) => (
              <li key={one.flag} className="flex items-center gap-2">
                <Link
                  to="/projects/$project/flags/$flag"
                  params={{ project, flag: one.flag }}
                  className="font-medium underline-offset-3 hover:underline"
                >
                  {one.flag}
                </Link>
                <Badge>on in {one.to ? source.name : target.name}</Badge>
              </li>
            ))}
          </ul>
        </section>
      )}
      {looked && (
        <PromoteDialog
          {...{ source, target, missing, stale }}
          chosen={present}
          pending={promoting.isPending}
          errors={promoting.error && !hasCode(promoting.error, 'stale_version') ? toSentences(promoting.error) : []}
          onAddMissing={() => setChosen(new Set([...present, ...missing.map(({ segment }): EntityId => `segment ${segment}`)]))}
          onClose={close}
          onPromote={promote}
        >
          {looked.items
            .filter((item) => present.has(idOf(item)))
            .map((item) => (
              <div key={idOf(item)}>
                <h3 className="mb-1 font-medium text-sm">
                  {item.key} {item.kind === 'segment' && <span className="font-normal text-ink-faint">segment</span>}
                </h3>
                {differences(item)}
              </div>
            ))}
        </PromoteDialog>
      )}
    </div>
  );
}

interface DifferencesProps {
  readonly item: EntityDiff;
  readonly flags: readonly Flag[];
  readonly source: string;
  readonly target: string;
}

/** In sentences where both sides are at hand, and they say all that differs. */
function Differences({ item, flags, source, target }: DifferencesProps) {
  const of = flags.find(({ key }) => item.kind === 'flag' && key === item.key)?.environments;
  const [before, after] = [target, source].map((key) => of?.find(({ environment }) => environment === key));
  const entries = before && after ? targetingDiff(toTargeting(before), toTargeting(after)) : [];
  return entries.length > 0 ? <DiffView entries={entries} toText={targetingText} /> : <DiffView entries={item.diff} />;
}

interface SwitchesProps {
  readonly item: EntityDiff;
  readonly on: EnvironmentComparison['on'];
  readonly source: Environment;
  readonly target: Environment;
}

function Switches({ item, on, source, target }: SwitchesProps) {
  const found = item.kind === 'flag' ? on.find(({ flag }) => flag === item.key) : undefined;
  return found ? (
    <Badge title="A promotion does not switch anything">on in {found.to ? source.name : target.name} alone</Badge>
  ) : null;
}

function countSentence(n: number): string {
  if (n === 0) return 'No difference';
  return counted(n, 'difference');
}

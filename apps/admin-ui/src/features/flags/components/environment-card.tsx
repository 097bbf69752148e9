/** One environment on a flag's page: its kill switch, how it decides, and what it serves to everybody else. */
import type { Environment, Flag, FlagEnvironment } from '@yardarm/contract';
import { type ReactNode, useRef, useState } from 'react';
import { ConflictDialog } from '../../../components/conflict-dialog.tsx';
import { ENVIRONMENT_LOOKS, EnvironmentName, isProduction } from '../../../components/environment-name.tsx';
import { Phrases } from '../../../components/phrases.tsx';
import { ProtectedDialog } from '../../../components/protected-dialog.tsx';
import { hasCode, toSentence } from '../../../lib/api-client.ts';
import { classNames } from '../../../lib/class-names.ts';
import { changeLock, switchLock, useMay } from '../../../lib/rights.ts';
import { serveSentence } from '../../../lib/rule-sentence.ts';
import { useRecentlyChanged } from '../../../lib/use-recently-changed.ts';
import { useConfigureFlag } from '../api/configure-flag.ts';
import { getFlagEnvironment } from '../api/get-flag-environment.ts';
import { useSwitchFlag } from '../api/switch-flag.ts';
import { DecisionList } from './decision-list.tsx';
import { type FallthroughDraft, FallthroughEditor } from './fallthrough-editor.tsx';
import { KillControl } from './kill-control.tsx';

export interface Committed {
  /** Revision that carries the change. */
  readonly revision: number;
  readonly atMs: number;
}

export interface EnvironmentCardProps {
  readonly project: string;
  readonly flag: Flag;
  readonly environment: Environment;
  readonly state: FlagEnvironment;
  /** The edit that is not published yet; the page keeps it, because leaving would lose it. */
  readonly draft: FallthroughDraft | null;
  readonly onDraft: (draft: FallthroughDraft | null) => void;
  readonly flagLink: (key: string) => ReactNode;
  /** Leads to where prerequisites, targets and rules are edited. */
  readonly targetingLink: ReactNode;
  /** Who changed the flag here last, as far as the page knows. */
  readonly lastActor: string | null;
  /** Called once the server has committed a change of this card. */
  readonly onCommitted: (committed: Committed) => void;
  /** The receipt bar, after a change. */
  readonly receipt: ReactNode;
  /** When the flag was last evaluated here. */
  readonly evaluated: ReactNode;
}

export function EnvironmentCard({
  project,
  flag,
  environment,
  state,
  draft,
  onDraft,
  flagLink,
  targetingLink,
  lastActor,
  onCommitted,
  receipt,
  evaluated,
}: EnvironmentCardProps) {
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const switching = useSwitchFlag(project);
  const configuring = useConfigureFlag(project);
  const may = useMay(project);
  const locked = changeLock(may, 'flag.configure', environment);
  const changed = useRecentlyChanged(`${state.on} ${state.version}`);
  const looks = ENVIRONMENT_LOOKS[environment.color];
  const [asking, setAsking] = useState<Asking | null>(null);
  const stale = hasCode(configuring.error, 'stale_version');
  const askingError = asking?.what === 'unkill' ? switching.error : configuring.error;

  // The second of two quick clicks comes before the page shows that the first is on its way.
  const publishing = useRef(false);
  const publish = ({ serve, version }: FallthroughDraft, reason: string) => {
    if (publishing.current) return;
    publishing.current = true;
    configuring.mutate(
      { key: flag.key, environment: environment.key, version, input: { fallthrough: serve, ...(reason && { reason }) } },
      {
        onSuccess: ({ flag: written, revision }) => {
          onDraft(null);
          setConflict(null);
          // An edit that changes nothing makes no revision, and no receipts to wait for.
          setAsking(null);
          if (written.version === version) return;
          onCommitted({ revision, atMs: Date.now() });
        },
        onError: async (error) => {
          if (!hasCode(error, 'stale_version')) return;
          setAsking(null);
          // Without theirs, the card says why it was refused.
          const theirs = await getFlagEnvironment(project, flag.key, environment.key).catch(() => null);
          if (theirs !== null) setConflict({ theirs, mine: serve, reason });
        },
        onSettled: () => {
          publishing.current = false;
        },
      },
    );
  };

  const switchTo = (on: boolean, reason: string) =>
    switching.mutate(
      { key: flag.key, environment: environment.key, on, ...(reason && { reason }) },
      {
        onSuccess: ({ revision }) => {
          setAsking(null);
          onCommitted({ revision, atMs: Date.now() });
        },
      },
    );

  return (
    <section
      aria-label={`${flag.key} in ${environment.name}`}
      className={classNames(
        '@container flex flex-col rounded-lg border border-line border-t-3 shadow-card',
        'bg-surface',
        isProduction(environment) && classNames('max-md:order-first bg-linear-to-b to-transparent to-30%', looks.wash),
        looks.edge,
        changed && 'animate-flash',
      )}
    >
      <header className="flex min-h-10 flex-wrap items-center justify-between gap-x-3 px-4 pt-1">
        <h2 className="flex min-w-0 flex-1 basis-28 py-1 font-semibold text-sm">
          <EnvironmentName environment={environment} />
        </h2>
        <span className="flex shrink-0 items-center gap-3 py-1 text-ink-faint text-xs tabular-nums">
          <span className="@max-xs:hidden">revision {environment.revision}</span>
          {targetingLink}
        </span>
      </header>
      <div className="px-4 pb-4">
        <KillControl
          flagKey={flag.key}
          state={state}
          environmentName={environment.name}
          pending={switching.isPending}
          locked={switchLock(may, environment, state.on)}
          error={switching.error && toSentence(switching.error)}
          // A kill is never asked for anything; whatever else changes a protected environment is.
          onSwitch={(on, reason) =>
            on && environment.protected && !reason ? setAsking({ what: 'unkill' }) : switchTo(on, reason)
          }
        />
        {receipt && <div className="mt-3">{receipt}</div>}
        {evaluated && <div className="mt-3">{evaluated}</div>}
      </div>
      <div className="flex-1 space-y-3 border-line border-t px-4 py-3">
        <DecisionList state={state} flagLink={flagLink} />
        <fieldset disabled={locked !== undefined} className="min-w-0">
          <FallthroughEditor
            flag={flag}
            state={state}
            environmentName={environment.name}
            draft={draft}
            onDraft={onDraft}
            onPublish={(mine, reason) =>
              environment.protected && !reason ? setAsking({ what: 'publish', draft: mine }) : publish(mine, reason)
            }
            pending={configuring.isPending}
            error={configuring.error && conflict === null && asking === null ? toSentence(configuring.error) : null}
          />
        </fieldset>
        {locked !== undefined && <p className="text-ink-faint text-xs">{locked}</p>}
      </div>
      <p
        className={classNames(
          'flex items-center justify-between gap-3 border-line border-t px-4 py-2.5 text-sm',
          state.on ? 'text-ink-faint' : 'rounded-b-lg bg-sunken font-medium text-ink',
        )}
      >
        {state.on ? 'When off, everybody gets' : 'Off: everybody gets'}
        <Phrases phrases={serveSentence(state.offVariant === null ? null : { variant: state.offVariant })} />
      </p>
      {asking && (
        <ProtectedDialog
          flag={flag.key}
          environment={environment}
          what={asking.what}
          pending={switching.isPending || configuring.isPending}
          error={askingError === null || stale ? null : toSentence(askingError)}
          onClose={() => setAsking(null)}
          onConfirm={(reason) => (asking.what === 'unkill' ? switchTo(true, reason) : publish(asking.draft, reason))}
        />
      )}
      {conflict && (
        <ConflictDialog
          open
          environmentName={environment.name}
          actor={lastActor}
          theirs={<Phrases phrases={serveSentence(conflict.theirs.fallthrough)} />}
          mine={<Phrases phrases={serveSentence(conflict.mine)} />}
          pending={configuring.isPending}
          onClose={() => setConflict(null)}
          onKeepTheirs={() => {
            configuring.reset();
            setConflict(null);
            onDraft(null);
          }}
          onPublishMine={() => publish({ serve: conflict.mine, version: conflict.theirs.version }, conflict.reason)}
        />
      )}
    </section>
  );
}

interface Conflict {
  /** The configuration as it stands. */
  readonly theirs: FlagEnvironment;
  readonly mine: FlagEnvironment['fallthrough'];
  readonly reason: string;
}

/** What waits for a reason. */
type Asking = { readonly what: 'unkill' } | { readonly what: 'publish'; readonly draft: FallthroughDraft };

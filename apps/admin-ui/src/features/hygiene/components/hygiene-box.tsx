/** Whether a flag can go: where it stands, who answers for it, and the verdict with every fact that it is made of. */
import { useQuery } from '@tanstack/react-query';
import type { Flag, FlagVerdict } from '@yardarm/contract';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { ErrorState, InlineError } from '../../../components/ui/notice.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { useMay } from '../../../lib/rights.ts';
import { toDay } from '../../../lib/time.ts';
import { verdictQuery } from '../api/get-hygiene.ts';
import { useSnoozeFlag } from '../api/snooze-flag.ts';
import { reasonSentence, VERDICT_WORDS } from '../hygiene-words.ts';
import { SnoozeDialog } from './snooze-dialog.tsx';
import { VerdictBadge } from './verdict-badge.tsx';
import { VerdictFacts } from './verdict-facts.tsx';

export interface HygieneBoxProps {
  readonly project: string;
  readonly flag: Flag;
  /** When it was last evaluated in the environment that the page shows, and how many of the instances there report. */
  readonly evaluated: ReactNode;
  readonly environmentName: (key: string) => ReactNode;
  readonly flagLink: (key: string) => ReactNode;
}

export function HygieneBox({ project, flag, evaluated, environmentName, flagLink }: HygieneBoxProps) {
  const verdict = useQuery(verdictQuery(project, flag.key));
  const [snoozing, setSnoozing] = useState(false);
  const may = useMay(project);
  const canSnooze = flag.archivedAt === null && flag.snooze === null && may('flag.snooze');
  return (
    <Card
      title="Hygiene"
      actions={
        canSnooze && (
          <Button look="ghost" size="sm" className="-mr-2" onClick={() => setSnoozing(true)}>
            Snooze…
          </Button>
        )
      }
    >
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 px-4 py-3 text-sm">
        <Line title="Owner">
          {flag.ownerTeam?.name ?? flag.owner ?? <span className="text-warn">nobody answers for it</span>}
        </Line>
        <Line title="Expiry">
          {flag.expiresOn === null ? <span className="text-ink-faint">none</span> : toDay(Date.parse(flag.expiresOn))}
        </Line>
        <Line title="Lifecycle">
          {flag.lifecycle.replaceAll('_', ' ')}
          {verdict.data && verdict.data.reasons.length > 0 && (
            <span className="text-ink-faint"> · {verdict.data.reasons.map(reasonSentence).join('; ')}</span>
          )}
        </Line>
      </dl>
      <div className="px-4 pb-3 -mt-1">{evaluated}</div>
      {flag.snooze && <Snoozed project={project} flag={flag} snooze={flag.snooze} mayWake={may('flag.unsnooze')} />}
      {verdict.data ? (
        <VerdictPart verdict={verdict.data} environmentName={environmentName} flagLink={flagLink} />
      ) : verdict.error ? (
        <ErrorState message={toSentence(verdict.error)} onRetry={() => void verdict.refetch()} />
      ) : (
        <SkeletonRows rows={3} label="Loading the verdict" />
      )}
      {snoozing && <SnoozeDialog project={project} flag={flag.key} onClose={() => setSnoozing(false)} />}
    </Card>
  );
}

function Line({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-faint">{title}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

interface SnoozedProps {
  readonly project: string;
  readonly flag: Flag;
  readonly snooze: NonNullable<Flag['snooze']>;
  readonly mayWake: boolean;
}

function Snoozed({ project, flag, snooze, mayWake }: SnoozedProps) {
  const waking = useSnoozeFlag(project);
  return (
    <div className="border-line border-t bg-sunken px-4 py-2.5 text-sm">
      <div className="flex items-start justify-between gap-3">
        <p className="min-w-0">
          Snoozed until {toDay(Date.parse(snooze.until))}
          <span className="text-ink-soft"> · “{snooze.reason}”</span>
        </p>
        {mayWake && (
          <Button
            look="ghost"
            size="sm"
            className="-my-1 -mr-2"
            pending={waking.isPending}
            onClick={() => waking.mutate({ key: flag.key, until: null, reason: '' })}
          >
            End it
          </Button>
        )}
      </div>
      {waking.error && <InlineError message={toSentence(waking.error)} />}
    </div>
  );
}

interface VerdictPartProps {
  readonly verdict: FlagVerdict;
  readonly environmentName: (key: string) => ReactNode;
  readonly flagLink: (key: string) => ReactNode;
}

function VerdictPart({ verdict, environmentName, flagLink }: VerdictPartProps) {
  return (
    <div data-testid="verdict" data-verdict={verdict.verdict}>
      <div className="flex items-start gap-2.5 border-line border-t px-4 py-3 text-sm">
        <VerdictBadge verdict={verdict.verdict} />
        <p className="min-w-0 leading-5">
          {VERDICT_WORDS[verdict.verdict].sentence}
          {verdict.awaitingDeploy && ' It is out of the code; a build that runs still names it.'}{' '}
          <span className="whitespace-nowrap text-ink-faint text-xs">
            as of <RelativeTime at={verdict.at} />
          </span>
        </p>
      </div>
      <VerdictFacts facts={verdict.facts} environmentName={environmentName} flagLink={flagLink} />
    </div>
  );
}

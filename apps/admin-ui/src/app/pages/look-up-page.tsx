/** Look up a user: what every flag answers a context, now or at a past revision, and why. The context stays in this browser's address. */
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { Environment } from '@yardarm/contract';
import { type FormEvent, useEffect, useEffectEvent, useMemo, useState } from 'react';
import { ContextField } from '../../components/context-field.tsx';
import { EnvironmentTabs } from '../../components/environment-tabs.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { CopyButton } from '../../components/ui/copy-button.tsx';
import { TextField } from '../../components/ui/field.tsx';
import { SearchIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { TraceView } from '../../features/flags/components/trace-view.tsx';
import { type Found, type LookUp, traceQuery } from '../../features/look-up/api/look-up.ts';
import { AnswersCard } from '../../features/look-up/components/answers-card.tsx';
import {
  EMPTY_QUESTION,
  parseQuestion,
  type Question,
  readRevision,
  toHash,
  withTargetingKey,
} from '../../features/look-up/look-up-address.ts';
import { useLookUp } from '../../features/look-up/use-look-up.ts';
import { toSentence } from '../../lib/api-client.ts';
import { parseObject } from '../../lib/parse-object.ts';
import { NoEnvironments } from '../no-environments.tsx';
import { shownEnvironment } from '../use-environment.ts';

export default function LookUpPage() {
  const { project } = useParams({ from: '/projects/$project/look-up' });
  const search = useSearch({ from: '/projects/$project/look-up' });
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const environments = useQuery(environmentsQuery(project));
  const current = shownEnvironment(environments.data, search.environment);
  return (
    <Page
      title="Look up a user"
      description="What every flag answers one context, and why. Nothing of the context is stored or logged."
    >
      {environments.error && !environments.data ? (
        <ErrorState message={toSentence(environments.error)} onRetry={() => void environments.refetch()} />
      ) : !environments.data ? (
        <SkeletonRows rows={5} label="Loading environments" />
      ) : !current ? (
        <NoEnvironments project={project} />
      ) : (
        <>
          <EnvironmentTabs
            environments={environments.data}
            current={current.key}
            onChoose={(environment) =>
              navigate({ to: '/projects/$project/look-up', params: { project }, search: { environment }, hash })
            }
          />
          <EnvironmentLookUp key={current.key} project={project} environment={current} hash={hash} />
        </>
      )}
    </Page>
  );
}

interface EnvironmentLookUpProps {
  readonly project: string;
  readonly environment: Environment;
  /** What the address asks for. */
  readonly hash: string;
}

function EnvironmentLookUp({ project, environment, hash }: EnvironmentLookUpProps) {
  const navigate = useNavigate();
  const asked = parseQuestion(hash);
  const [question, setQuestion] = useState<Question>(asked ?? EMPTY_QUESTION);
  const [looking, look] = useLookUp();
  const parsed = parseObject(question.context);
  const revision = readRevision(question.revision);
  const problem =
    revision === undefined || (revision ?? 0) > environment.revision
      ? `Revisions go from 0 to ${environment.revision}.`
      : undefined;
  const start = (of: Question) => {
    const context = parseObject(of.context);
    const at = readRevision(of.revision);
    if (context !== null && at !== undefined) look({ project, environment: environment.key, context, revision: at });
  };
  // A link that somebody was sent, or the way back and forth: the address asks.
  const startFromAddress = useEffectEvent((text: string) => {
    const found = parseQuestion(text);
    if (found === null) return;
    setQuestion(found);
    start(found);
  });
  useEffect(() => startFromAddress(hash), [hash]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (parsed === null || problem) return;
    const next = toHash(question);
    if (next === hash) start(question);
    else
      void navigate({
        to: '/projects/$project/look-up',
        params: { project },
        search: { environment: environment.key },
        hash: next,
        resetScroll: false,
      });
  };
  const targetingKey = parsed?.targetingKey;
  const found = looking.state === 'found' ? looking : null;
  const isOld = found !== null && found.asked.revision === null && found.found.revision < environment.revision;
  // Not drawn again for every letter of the next question.
  const answers = useMemo(
    () =>
      found && (
        <AnswersCard
          answers={found.found.answers}
          title={`Revision ${found.found.revision} of ${environment.name}`}
          actions={<CopyButton text={window.location.href} label="Copy link to this look-up" />}
          flagLink={(flag) => (
            <Link
              to="/projects/$project/flags/$flag"
              params={{ project, flag }}
              className="font-medium underline-offset-3 hover:underline"
            >
              {flag}
            </Link>
          )}
          trace={(flag) => <AnswerTrace asked={found.asked} found={found.found} flag={flag} />}
        />
      ),
    [found, environment.name, project],
  );
  return (
    <div className="grid items-start gap-4 *:min-w-0 lg:grid-cols-[20rem_1fr]">
      <Card title="Who" className="lg:sticky lg:top-6">
        <form className="space-y-4 p-4" noValidate onSubmit={submit}>
          <TextField
            autoFocus
            label="Targeting key"
            placeholder="user-1"
            hint="Usually the id of a user or an account."
            value={typeof targetingKey === 'string' ? targetingKey : ''}
            disabled={parsed === null}
            onChange={({ target }) =>
              setQuestion({ ...question, context: withTargetingKey(question.context, parsed, target.value) })
            }
          />
          <ContextField
            text={question.context}
            valid={parsed !== null}
            rows={6}
            hint="What the application passes; attributes as rules name them."
            onText={(context) => setQuestion({ ...question, context })}
          />
          <TextField
            label="Revision"
            inputMode="numeric"
            placeholder={`newest, ${environment.revision}`}
            hint="A past one answers as it was then."
            error={problem}
            value={question.revision}
            onChange={({ target }) => setQuestion({ ...question, revision: target.value })}
          />
          <Button
            look="primary"
            type="submit"
            className="w-full justify-center"
            pending={looking.state === 'looking'}
            disabled={parsed === null}
          >
            Look up
          </Button>
          {isOld && (
            <p role="status" className="text-sm text-warn">
              Revision {environment.revision} is out since. Look up again for its answers.
            </p>
          )}
        </form>
      </Card>
      {looking.state === 'nothing' && (
        <div className="rounded-lg border border-line bg-surface shadow-card">
          <EmptyState icon={<SearchIcon className="size-5" />} title={`Who is it, in ${environment.name}?`}>
            Give a targeting key and what else your rules ask for. The link of a look-up keeps the context behind its #, which
            browsers send to no server.
          </EmptyState>
        </div>
      )}
      {looking.state === 'looking' && (
        <div className="rounded-lg border border-line bg-surface shadow-card">
          <SkeletonRows rows={8} label="Looking up" />
        </div>
      )}
      {looking.state === 'failed' && <ErrorState message={toSentence(looking.error)} onRetry={() => start(question)} />}
      {answers}
    </div>
  );
}

interface AnswerTraceProps {
  readonly asked: LookUp;
  readonly found: Found;
  readonly flag: string;
}

function AnswerTrace({ asked, found, flag }: AnswerTraceProps) {
  const trace = useQuery(traceQuery(asked, found, flag));
  if (trace.data) return <TraceView trace={trace.data} />;
  if (trace.error) return <ErrorState message={toSentence(trace.error)} onRetry={() => void trace.refetch()} />;
  return <SkeletonRows rows={1} label={`Asking why ${flag} answers this`} />;
}

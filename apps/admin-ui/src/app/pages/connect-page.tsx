/** Connects an application: its language, its key, its code, and what arrives of it while one waits. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { Environment, Flag, SdkKey } from '@yardarm/contract';
import { lazy, Suspense, useState } from 'react';
import { EnvironmentTabs } from '../../components/environment-tabs.tsx';
import { Card } from '../../components/ui/card.tsx';
import { TextField } from '../../components/ui/field.tsx';
import { ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { Select } from '../../components/ui/select.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { ProgressCard } from '../../features/connect/components/progress-card.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { flagsQuery } from '../../features/flags/api/get-flags.ts';
import { MakeKey } from '../../features/keys/components/make-key.tsx';
import { SetUpCodeTabs } from '../../features/keys/components/set-up-code-tabs.tsx';
import { isLanguage, isWatched, kindOf } from '../../features/keys/set-up-code.ts';
import { toSentence } from '../../lib/api-client.ts';
import { useMay } from '../../lib/rights.ts';
import type { ConnectSearch } from '../connect-search.ts';
import { NoEnvironments } from '../no-environments.tsx';

const NewFlagDialog = lazy(() => import('../../features/flags/components/new-flag-dialog.tsx'));
const DEFAULT_APP = 'my-app';
const DEFAULT_FLAG = 'my-flag';

export default function ConnectPage() {
  const { project } = useParams({ from: '/projects/$project/connect' });
  const search = useSearch({ from: '/projects/$project/connect' });
  const navigate = useNavigate();
  const environments = useQuery(environmentsQuery(project));
  const flags = useQuery(flagsQuery(project));
  const environment = environments.data?.find(({ key }) => key === search.environment) ?? environments.data?.[0];
  const change = (part: ConnectSearch) =>
    navigate({ to: '/projects/$project/connect', params: { project }, search: { ...search, ...part }, replace: true });
  const error = environments.error ?? flags.error;
  return (
    <Page
      title="Connect an application"
      description="Two lines of set-up, and it decides by itself, also while this server is away."
    >
      {error && !(environments.data && flags.data) ? (
        <ErrorState message={toSentence(error)} onRetry={() => void Promise.all([environments.refetch(), flags.refetch()])} />
      ) : !environments.data || !flags.data ? (
        <SkeletonRows rows={5} label="Loading environments and flags" />
      ) : !environment ? (
        <NoEnvironments project={project} />
      ) : (
        <>
          <EnvironmentTabs
            environments={environments.data}
            current={environment.key}
            onChoose={(key) => change({ environment: key })}
          />
          <Connecting
            key={environment.key}
            {...{ project, environment, search }}
            flags={flags.data.filter(({ type, archivedAt }) => type === 'boolean' && archivedAt === null)}
            onChange={change}
          />
        </>
      )}
    </Page>
  );
}

interface ConnectingProps {
  readonly project: string;
  readonly environment: Environment;
  readonly search: ConnectSearch;
  /** Boolean ones, which is what the code asks for. */
  readonly flags: readonly Flag[];
  readonly onChange: (part: ConnectSearch) => void;
}

function Connecting({ project, environment, search, flags, onChange }: ConnectingProps) {
  const navigate = useNavigate();
  const may = useMay(project);
  const [made, setMade] = useState<SdkKey | null>(null);
  const [creating, setCreating] = useState<string | null>(null);
  const language = isLanguage(search.language) ? search.language : 'node';
  const kind = kindOf(language);
  const app = search.app?.trim() || DEFAULT_APP;
  const asked = flags.filter(({ clientSide }) => kind === 'server' || clientSide);
  const flag = asked.find(({ key }) => key === search.flag) ?? asked[0];
  const flagKey = flag?.key ?? DEFAULT_FLAG;
  const createFlag = (key: string) => (
    <button type="button" className="font-medium text-accent underline underline-offset-3" onClick={() => setCreating(key)}>
      Make this flag
    </button>
  );
  return (
    <div className="grid items-start gap-4 *:min-w-0 xl:grid-cols-[1fr_22rem]">
      <div className="space-y-4">
        <Card title="Your application">
          <div className="grid gap-4 p-4 sm:grid-cols-2">
            <TextField
              label="Name"
              hint="How it is called beside receipts and evaluations. Give each service its own."
              value={search.app ?? DEFAULT_APP}
              maxLength={100}
              onChange={(event) => onChange({ app: event.target.value })}
            />
            <div>
              <div className="mb-1 font-medium text-sm">Flag to ask for</div>
              {flag ? (
                <Select
                  label="Flag to ask for"
                  value={flagKey}
                  options={asked.map(({ key }) => ({ value: key, label: key }))}
                  onChange={(key) => onChange({ flag: key })}
                  className="w-full"
                />
              ) : (
                <p className="text-sm">
                  {flags.length > 0 ? 'No boolean flag is sent to browsers yet. ' : 'There is no boolean flag yet. '}
                  {createFlag(DEFAULT_FLAG)}
                </p>
              )}
            </div>
          </div>
        </Card>
        <Card title="Its key">
          <MakeKey
            {...{ project, environment, kind, app, made: made?.kind === kind ? made : null }}
            allowed={may('key.create', environment.key)}
            onMade={setMade}
          />
        </Card>
        <Card title="Its code">
          <SetUpCodeTabs
            {...{ language, app }}
            url={window.location.origin}
            flag={flagKey}
            secret={made}
            onLanguage={(value) => onChange({ language: value })}
          />
        </Card>
      </div>
      {isWatched(language) ? (
        <ProgressCard
          key={`${kind} ${app} ${flagKey}`}
          {...{ project, app, kind, flag: flagKey, isFlag: flag !== undefined, createFlag }}
          environment={environment.key}
          environmentName={environment.name}
          next={
            <>
              It works.{' '}
              <Link
                to="/projects/$project/flags/$flag"
                params={{ project, flag: flagKey }}
                className="font-medium text-good underline underline-offset-3"
              >
                Switch {flagKey}
              </Link>{' '}
              and see the application follow.
            </>
          }
        />
      ) : (
        <Card title="Live" className="xl:sticky xl:top-6">
          <p className="p-4 text-ink-soft text-sm">
            Nothing to wait for here: what asks over HTTP stays connected to nothing, and its evaluations are not counted. The
            answer in your terminal is the proof.
          </p>
        </Card>
      )}
      {creating !== null && (
        <Suspense>
          <NewFlagDialog
            project={project}
            open
            initialKey={creating}
            onClose={() => setCreating(null)}
            onCreated={({ key }) => {
              setCreating(null);
              void navigate({
                to: '/projects/$project/connect',
                params: { project },
                search: { ...search, flag: key },
                replace: true,
              });
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

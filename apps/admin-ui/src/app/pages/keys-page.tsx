import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { Environment, SdkKey } from '@yardarm/contract';
import { useState } from 'react';
import { EnvironmentTabs } from '../../components/environment-tabs.tsx';
import { LockedNote } from '../../components/locked.tsx';
import { Button, buttonClass } from '../../components/ui/button.tsx';
import { KeyIcon, PlusIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { keysQuery } from '../../features/keys/api/get-keys.ts';
import { KeysTable } from '../../features/keys/components/keys-table.tsx';
import { NewKeyDialog } from '../../features/keys/components/new-key-dialog.tsx';
import { RevokeKeyDialog } from '../../features/keys/components/revoke-key-dialog.tsx';
import { RotateKeyDialog } from '../../features/keys/components/rotate-key-dialog.tsx';
import { toSentence } from '../../lib/api-client.ts';
import { actionLock, useMay } from '../../lib/rights.ts';
import { NoEnvironments } from '../no-environments.tsx';
import { shownEnvironment } from '../use-environment.ts';

export default function KeysPage() {
  const { project } = useParams({ from: '/projects/$project/keys' });
  const search = useSearch({ from: '/projects/$project/keys' });
  const navigate = useNavigate();
  const environments = useQuery(environmentsQuery(project));
  const current = shownEnvironment(environments.data, search.environment);
  const may = useMay(project);
  const locked = current && actionLock(may, 'key.read', `see the SDK keys of ${current.name}`, current.key);
  return (
    <Page
      title="SDK keys"
      description="What your applications connect with. A key belongs to one environment."
      actions={
        current && (
          <Link
            to="/projects/$project/connect"
            params={{ project }}
            search={{ environment: current.key }}
            className={buttonClass()}
          >
            Connect an application
          </Link>
        )
      }
    >
      {environments.error && !environments.data ? (
        <ErrorState message={toSentence(environments.error)} onRetry={() => void environments.refetch()} />
      ) : !environments.data ? (
        <SkeletonRows rows={4} label="Loading environments" />
      ) : !current ? (
        <NoEnvironments project={project} />
      ) : (
        <>
          <EnvironmentTabs
            environments={environments.data}
            current={current.key}
            onChoose={(environment) => navigate({ to: '/projects/$project/keys', params: { project }, search: { environment } })}
          />
          {locked === undefined ? (
            <EnvironmentKeys key={current.key} project={project} environment={current} />
          ) : (
            <LockedNote why={locked} />
          )}
        </>
      )}
    </Page>
  );
}

function EnvironmentKeys({ project, environment }: { readonly project: string; readonly environment: Environment }) {
  const [creating, setCreating] = useState(false);
  const [rotating, setRotating] = useState<SdkKey | null>(null);
  const [revoking, setRevoking] = useState<SdkKey | null>(null);
  const keys = useQuery(keysQuery(project, environment.key));
  const may = useMay(project);
  const newKey = may('key.create', environment.key) && (
    <Button look="primary" onClick={() => setCreating(true)}>
      <PlusIcon /> New key
    </Button>
  );
  return (
    <>
      <div className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface shadow-card">
        <div className="flex min-h-12 items-center justify-between gap-3 border-line border-b px-4">
          <h2 className="font-semibold text-sm">Keys</h2>
          {newKey}
        </div>
        {keys.error && !keys.data ? (
          <ErrorState message={toSentence(keys.error)} onRetry={() => void keys.refetch()} />
        ) : !keys.data ? (
          <SkeletonRows rows={3} label="Loading SDK keys" />
        ) : keys.data.length === 0 ? (
          <EmptyState icon={<KeyIcon className="size-5" />} title={`No keys for ${environment.name} yet`}>
            Make one for each application, so that each can be revoked alone.
          </EmptyState>
        ) : (
          <KeysTable
            keys={keys.data}
            onRotate={may('key.rotate', environment.key) ? setRotating : undefined}
            onRevoke={may('key.revoke', environment.key) ? setRevoking : undefined}
          />
        )}
      </div>
      <NewKeyDialog project={project} environment={environment} open={creating} onClose={() => setCreating(false)} />
      <RotateKeyDialog project={project} sdkKey={rotating} onClose={() => setRotating(null)} />
      <RevokeKeyDialog project={project} sdkKey={revoking} onClose={() => setRevoking(null)} />
    </>
  );
}

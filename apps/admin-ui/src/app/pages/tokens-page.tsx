import { useQuery } from '@tanstack/react-query';
import type { ApiToken } from '@yardarm/contract';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { LockIcon, PlusIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { projectsQuery } from '../../features/projects/api/get-projects.ts';
import { sessionQuery } from '../../features/session/api/get-session.ts';
import { tokensQuery } from '../../features/tokens/api/tokens.ts';
import { NewTokenDialog } from '../../features/tokens/components/new-token-dialog.tsx';
import { RevokeTokenDialog } from '../../features/tokens/components/revoke-token-dialog.tsx';
import { TokensTable } from '../../features/tokens/components/tokens-table.tsx';
import { administers } from '../../lib/administers.ts';
import { toSentence } from '../../lib/api-client.ts';

export default function TokensPage() {
  const tokens = useQuery(tokensQuery());
  const { data: projects } = useQuery(projectsQuery());
  const { data: session } = useQuery(sessionQuery());
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const grants = session?.grants ?? [];
  const own = (projects ?? []).filter(({ key }) => administers(grants, key));
  const kinds: ApiToken['kind'][] = [
    ...(own.length > 0 || administers(grants, null) ? (['machine', 'agent', 'break_glass'] as const) : []),
    ...(session?.actor.kind === 'person' ? (['personal'] as const) : []),
  ];
  return (
    <Page
      title="API tokens"
      description="What machines, agents and your own scripts use the management API with."
      actions={
        kinds.length > 0 && (
          <Button look="primary" onClick={() => setCreating(true)}>
            <PlusIcon /> New token
          </Button>
        )
      }
    >
      <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
        {tokens.error && !tokens.data ? (
          <ErrorState message={toSentence(tokens.error)} onRetry={() => void tokens.refetch()} />
        ) : !tokens.data ? (
          <SkeletonRows rows={4} label="Loading API tokens" />
        ) : tokens.data.length === 0 ? (
          <EmptyState icon={<LockIcon className="size-5" />} title="No API tokens yet">
            Make one for each thing that uses the API, so that each can be revoked alone.
          </EmptyState>
        ) : (
          <TokensTable tokens={tokens.data} onRevoke={setRevoking} />
        )}
      </div>
      {projects && session && (
        <NewTokenDialog
          open={creating}
          kinds={kinds}
          projects={own}
          everywhere={administers(grants, null)}
          onClose={() => setCreating(false)}
        />
      )}
      <RevokeTokenDialog token={revoking} onClose={() => setRevoking(null)} />
    </Page>
  );
}

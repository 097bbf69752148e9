/** One's own account: rights, sessions, password and personal tokens. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ApiToken, Right } from '@yardarm/contract';
import { useState } from 'react';
import { buttonClass } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { sessionsQuery } from '../../features/account/api/account.ts';
import { PasswordCard } from '../../features/account/components/password-card.tsx';
import { SessionsCard } from '../../features/account/components/sessions-card.tsx';
import { sessionQuery } from '../../features/session/api/get-session.ts';
import { tokensQuery } from '../../features/tokens/api/tokens.ts';
import { RevokeTokenDialog } from '../../features/tokens/components/revoke-token-dialog.tsx';
import { TokensTable } from '../../features/tokens/components/tokens-table.tsx';
import { toSentence } from '../../lib/api-client.ts';
import { describeRight } from '../../lib/describe-right.ts';

/** A role says it all; the actions that it brings are many. */
function toWords(right: Right): string {
  return describeRight(right.role === null ? right : { ...right, actions: [] });
}

export default function AccountPage() {
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery());
  const sessions = useQuery(sessionsQuery());
  const tokens = useQuery(tokensQuery());
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const name = session?.actor.name;
  const isPerson = session?.actor.kind === 'person';
  const own = (tokens.data ?? []).filter(({ kind, owner }) => kind === 'personal' && owner === name);
  return (
    <Page title={name ?? 'Your account'} description={isPerson ? 'Your account.' : 'Signed in with an API token, and no person.'}>
      <div className="grid items-start gap-4 *:min-w-0 xl:grid-cols-2">
        <div className="space-y-4">
          {sessions.data ? (
            <SessionsCard sessions={sessions.data} onSignedOut={() => void navigate({ to: '/sign-in' })} />
          ) : sessions.error ? (
            <ErrorState message={toSentence(sessions.error)} onRetry={() => void sessions.refetch()} />
          ) : (
            <SkeletonRows rows={2} label="Loading sessions" />
          )}
          {isPerson && (
            <Card
              title="Personal tokens"
              actions={
                <Link to="/tokens" className={buttonClass('secondary', 'sm')}>
                  API tokens
                </Link>
              }
            >
              {own.length > 0 ? (
                <TokensTable tokens={own} onRevoke={setRevoking} />
              ) : (
                <p className="px-4 py-6 text-balance text-center text-ink-faint text-sm">
                  None. One lets your own scripts do what you may, for as long as you may.
                </p>
              )}
            </Card>
          )}
        </div>
        <div className="space-y-4">
          <Card title="What you may do">
            <ul className="divide-y divide-line text-sm">
              {(session?.grants ?? []).map(toWords).map((right) => (
                <li key={right} className="px-4 py-2 first-letter:uppercase">
                  {right}
                </li>
              ))}
              {session?.grants.length === 0 && (
                <li className="px-4 py-2 text-ink-faint">Nothing yet. An administrator gives rights.</li>
              )}
            </ul>
          </Card>
          {isPerson && <PasswordCard />}
        </div>
      </div>
      <RevokeTokenDialog token={revoking} onClose={() => setRevoking(null)} />
    </Page>
  );
}

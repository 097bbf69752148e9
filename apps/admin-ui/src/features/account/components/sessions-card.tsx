import type { OpenSession } from '@yardarm/contract';
import { useState } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { ConfirmDialog } from '../../../components/ui/confirm-dialog.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { describeEnd } from '../../../lib/time.ts';
import { useEndAllSessions, useEndSession } from '../api/account.ts';
import { describeBrowser } from '../describe-browser.ts';

export interface SessionsCardProps {
  readonly sessions: readonly OpenSession[];
  readonly onSignedOut: () => void;
}

export function SessionsCard({ sessions, onSignedOut }: SessionsCardProps) {
  const [asking, setAsking] = useState(false);
  const ending = useEndSession();
  const endingAll = useEndAllSessions();
  return (
    <Card
      title="Where you are signed in"
      actions={
        <Button size="sm" onClick={() => setAsking(true)}>
          Sign out everywhere…
        </Button>
      }
    >
      <ul className="divide-y divide-line">
        {sessions.map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm">
            <div className="min-w-0 flex-1">
              <div className="flex flex-wrap items-center gap-2 font-medium">
                <span className="min-w-0 break-words" title={session.userAgent}>
                  {describeBrowser(session.userAgent)}
                </span>
                {session.current && <Badge tone="good">this one</Badge>}
              </div>
              <div className="flex flex-wrap gap-x-3 text-ink-faint text-xs">
                <span>
                  signed in <RelativeTime at={session.createdAt} />
                </span>
                <span>
                  last seen <RelativeTime at={session.lastSeenAt} />
                </span>
                <span>{describeEnd(Date.parse(session.expiresAt), Date.now())}</span>
              </div>
            </div>
            {!session.current && (
              <Button
                size="sm"
                look="ghost"
                pending={ending.isPending && ending.variables === session.id}
                aria-label={`End the session of ${describeBrowser(session.userAgent)}`}
                onClick={() => ending.mutate(session.id)}
              >
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      {ending.error && (
        <div className="px-4 pb-3">
          <InlineError message={toSentence(ending.error)} />
        </div>
      )}
      {asking && (
        <ConfirmDialog
          title="Sign out everywhere?"
          description="Here too. Personal tokens go on working; revoke them one by one."
          action="Sign out everywhere"
          pending={endingAll.isPending}
          error={endingAll.error && toSentence(endingAll.error)}
          onClose={() => setAsking(false)}
          onConfirm={() => endingAll.mutate(undefined, { onSuccess: onSignedOut })}
        />
      )}
    </Card>
  );
}

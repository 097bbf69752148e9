/** What the project says about a flag, in one line. */
import type { Flag } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { BrowserIcon, LinkIcon, UserIcon } from '../../../components/ui/icons.tsx';
import { Expiry, KindBadge } from './flag-badges.tsx';

export interface FlagSummaryProps {
  readonly flag: Flag;
  /** Whether flagd decides it too. */
  readonly portability: ReactNode;
}

export function FlagSummary({ flag, portability }: FlagSummaryProps) {
  return (
    <div className="-mt-2 mb-5 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
      <KindBadge kind={flag.kind} />
      {flag.clientSide && (
        <Badge title="Its variants and rules are part of what browsers receive">
          <BrowserIcon className="size-3" /> sent to browsers
        </Badge>
      )}
      {portability}
      <span className="inline-flex items-center gap-1.5 text-ink-soft">
        <UserIcon className="size-3.5 text-ink-faint" />
        {flag.ownerTeam?.name ?? flag.owner ?? 'no owner'}
      </span>
      <Expiry flag={flag} />
      {flag.tags.map((tag) => (
        <Badge key={tag}>#{tag}</Badge>
      ))}
      {flag.links.map(({ title, url }) => (
        <a
          key={`${title} ${url}`}
          href={url}
          target="_blank"
          rel="noopener noreferrer"
          title={url}
          className="inline-flex min-w-0 items-center gap-1 rounded text-accent underline-offset-3 hover:underline"
        >
          <LinkIcon className="size-3.5 shrink-0" />
          <span className="max-w-60 truncate">{title}</span>
        </a>
      ))}
    </div>
  );
}

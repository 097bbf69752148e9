/** What the project says about a flag, in one line. */
import type { Flag } from '@yardarm/contract';
import { type ReactNode, useState } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { BrowserIcon, LinkIcon, UserIcon } from '../../../components/ui/icons.tsx';
import { shorten } from '../../../lib/rule-sentence.ts';
import { Expiry, KindBadge } from './flag-badges.tsx';

/** Before the rest is asked for: the kill switch stays in sight below. */
const SHOWN_TAGS = 8;

export interface FlagSummaryProps {
  readonly flag: Flag;
  /** Whether flagd decides it too. */
  readonly portability: ReactNode;
}

export function FlagSummary({ flag, portability }: FlagSummaryProps) {
  const [allTags, setAllTags] = useState(false);
  const { shown, more } = shorten(flag.tags, SHOWN_TAGS);
  const owner = flag.ownerTeam?.name ?? flag.owner ?? 'no owner';
  return (
    <div className="-mt-2 mb-5 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
      <KindBadge kind={flag.kind} />
      {flag.clientSide && (
        <Badge title="Its variants and rules are part of what browsers receive">
          <BrowserIcon className="size-3" /> sent to browsers
        </Badge>
      )}
      {portability}
      <span className="inline-flex min-w-0 items-center gap-1.5 text-ink-soft">
        <UserIcon className="size-3.5 shrink-0 text-ink-faint" />
        <span title={owner} className="max-w-60 truncate">
          {owner}
        </span>
      </span>
      <Expiry flag={flag} />
      {(allTags ? flag.tags : shown).map((tag) => (
        <Badge key={tag}>#{tag}</Badge>
      ))}
      {more > 0 && (
        <button
          type="button"
          aria-expanded={allTags}
          className="rounded text-accent text-xs hover:underline"
          onClick={() => setAllTags(!allTags)}
        >
          {allTags ? 'Show fewer' : `${more} more tags`}
        </button>
      )}
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

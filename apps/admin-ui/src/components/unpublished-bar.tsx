/** While an edit is not published: how much it is, what keeps it back, and the two ways out. */
import type { ReactNode } from 'react';
import { counted } from '../lib/counted.ts';
import { Button } from './ui/button.tsx';

export interface UnpublishedBarProps {
  readonly changes: number;
  readonly where: string;
  /** How many things are not right yet. */
  readonly issues: number;
  /** Somebody else published meanwhile. */
  readonly stale: boolean;
  readonly children?: ReactNode;
  readonly onDiscard: () => void;
  readonly onReview: () => void;
}

export function UnpublishedBar({ changes, where, issues, stale, children, onDiscard, onReview }: UnpublishedBarProps) {
  return (
    <section
      aria-label="Edit that is not published"
      data-bottom-bar
      className="flex flex-wrap items-center gap-3 rounded-lg border border-accent/40 bg-accent-soft px-4 py-3 shadow-popup"
    >
      <span className="font-medium text-sm">
        {counted(changes, 'change')} in {where}, not published
      </span>
      {children}
      {stale && <span className="text-sm text-warn">Somebody has changed it while you edited.</span>}
      {issues > 0 && (
        <span role="status" className="text-bad text-sm">
          {counted(issues, 'thing')} {issues === 1 ? 'is' : 'are'} not right yet
        </span>
      )}
      <span className="ml-auto flex gap-2">
        <Button look="ghost" onClick={onDiscard}>
          Discard
        </Button>
        <Button look="primary" disabled={issues > 0} onClick={onReview} data-testid="review">
          Review and publish…
        </Button>
      </span>
    </section>
  );
}

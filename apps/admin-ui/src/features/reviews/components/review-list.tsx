/** What waits for somebody to look at it, above the changes; nothing where nothing does. */
import type { Review } from '@yardarm/contract';
import { type ReactNode, useState } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { reviewSentence } from '../review-sentence.ts';
import { CloseReviewDialog } from './close-review-dialog.tsx';

export interface ReviewListProps {
  readonly project: string;
  readonly reviews: readonly Review[];
  /** Whether the reader has the right to close it. */
  readonly mayClose: (review: Review) => boolean;
  /** Renders the name of the environment with that key. */
  readonly environmentName: (key: string) => ReactNode;
}

export function ReviewList({ project, reviews, mayClose, environmentName }: ReviewListProps) {
  const [closing, setClosing] = useState<Review | null>(null);
  if (reviews.length === 0) return null;
  return (
    <Card title="Waiting for a look" actions={<Badge tone="warn">{reviews.length} open</Badge>} className="mb-4">
      <ul className="divide-y divide-line" data-testid="reviews">
        {reviews.map((review) => (
          <li key={review.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
            <Sentence review={review} environmentName={environmentName} />
            <RelativeTime at={review.changeSet.at} className="text-ink-faint text-xs" />
            {mayClose(review) && (
              <Button size="sm" onClick={() => setClosing(review)}>
                Close
              </Button>
            )}
          </li>
        ))}
      </ul>
      <CloseReviewDialog project={project} review={closing} onClose={() => setClosing(null)} />
    </Card>
  );
}

function Sentence({ review, environmentName }: Pick<ReviewListProps, 'environmentName'> & { readonly review: Review }) {
  const { verb, what, why } = reviewSentence(review);
  const environments = [...new Set(review.changeSet.about.flatMap(({ environment }) => environment ?? []))];
  return (
    <p className="min-w-0 flex-1 basis-60 break-words">
      <span className="font-medium">{review.changeSet.actor.name}</span> <span className="text-ink-soft">{verb}</span>{' '}
      <span className="font-medium">{what}</span> <span className="text-ink-soft">{why}</span>{' '}
      {environments.map((key) => (
        <span key={key} className="text-ink-soft text-xs">
          {environmentName(key)}
        </span>
      ))}
    </p>
  );
}

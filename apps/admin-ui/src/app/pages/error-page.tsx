import { type ErrorComponentProps, Link, type NotFoundRouteProps } from '@tanstack/react-router';
import { buttonClass } from '../../components/ui/button.tsx';
import { SearchIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { toSentence } from '../../lib/api-client.ts';

/** The boundary of last resort: something threw while a page was drawn or loaded. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  return (
    <div className="flex min-h-[60vh] items-center justify-center">
      <ErrorState message={toSentence(error)} onRetry={reset} />
    </div>
  );
}

/** `data`: what is not there, as a sentence; undefined for an address that nothing answers to. */
export function NotFoundPage({ data }: Pick<NotFoundRouteProps, 'data'>) {
  return (
    <div className="flex min-h-[60vh] items-center justify-center">
      <EmptyState
        isPage
        icon={<SearchIcon className="size-5" />}
        title={typeof data === 'string' ? data : 'There is nothing at this address'}
        action={
          <Link to="/" className={buttonClass()}>
            Go to your flags
          </Link>
        }
      />
    </div>
  );
}

/** What a page shows in place of its content: nothing there yet, or something went wrong. */
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { WarningIcon } from './icons.tsx';

export interface EmptyStateProps {
  readonly icon: ReactNode;
  readonly title: string;
  /** Of a page that is nothing else, and has no heading of its own. */
  readonly isPage?: boolean;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

export function EmptyState({ icon, title, isPage = false, children, action }: EmptyStateProps) {
  const Title = isPage ? 'h1' : 'p';
  return (
    <div className="flex flex-col items-center px-6 py-16 text-center">
      <div className="mb-3 flex size-10 items-center justify-center rounded-lg border border-line bg-sunken text-ink-faint">
        {icon}
      </div>
      <Title className="font-semibold">{title}</Title>
      {children && <div className="mt-1 max-w-md text-balance text-ink-faint text-sm">{children}</div>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  );
}

export interface ErrorStateProps {
  readonly message: string;
  readonly onRetry?: () => void;
}

export function ErrorState({ message, onRetry }: ErrorStateProps) {
  return (
    <div role="alert" className="flex flex-col items-center px-6 py-16 text-center">
      <div className="mb-3 flex size-10 items-center justify-center rounded-lg bg-bad-soft text-bad">
        <WarningIcon className="size-5" />
      </div>
      <p className="max-w-md">{message}</p>
      {onRetry && (
        <Button className="mt-4" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** One sentence beside the control that failed. */
export function InlineError({ message }: { readonly message: string }) {
  return (
    <p role="alert" className="flex items-start gap-1.5 text-bad text-sm">
      <WarningIcon className="mt-0.5 size-4" />
      <span className="min-w-0 break-words">{message}</span>
    </p>
  );
}

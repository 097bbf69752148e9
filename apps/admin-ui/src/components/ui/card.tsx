import type { ReactNode } from 'react';
import { classNames } from '../../lib/class-names.ts';

export interface CardProps {
  readonly title?: string;
  /** Stands right of the title. */
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Card({ title, actions, className, children }: CardProps) {
  return (
    <section
      aria-label={title}
      className={classNames('overflow-hidden rounded-lg border border-line bg-surface shadow-card', className)}
    >
      {title && (
        <header className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-line border-b px-4 py-1.5">
          <h2 className="font-semibold text-sm">{title}</h2>
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}

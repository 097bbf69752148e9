import type { ReactNode } from 'react';

export interface PageProps {
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page: one heading, what it is about, its actions, its content. */
export function Page({ title, description, actions, children }: PageProps) {
  return (
    <div className="mx-auto w-full max-w-[88rem] px-4 py-6 sm:px-8">
      <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          {/* Where the focus goes when what had it is gone. */}
          <h1 tabIndex={-1} className="font-semibold text-xl tracking-tight outline-none">
            {title}
          </h1>
          {description && <div className="mt-0.5 text-ink-faint text-sm">{description}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

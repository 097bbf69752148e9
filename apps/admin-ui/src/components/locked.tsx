/** What can be read here and not edited, with the reason above it. */
import type { ReactNode } from 'react';
import { LockIcon } from './ui/icons.tsx';

export interface LockedProps {
  /** Undefined: everything within can be edited. */
  readonly why: string | undefined;
  readonly children: ReactNode;
}

export function Locked({ why, children }: LockedProps) {
  return (
    <>
      {why !== undefined && <LockedNote why={why} />}
      <fieldset disabled={why !== undefined} className="contents">
        {children}
      </fieldset>
    </>
  );
}

export function LockedNote({ why }: { readonly why: string }) {
  return (
    <p className="mb-4 flex items-start gap-2 rounded-md border border-line bg-sunken px-3 py-2 text-ink-soft text-sm">
      <LockIcon className="mt-0.5 size-4 shrink-0" />
      {why}
    </p>
  );
}

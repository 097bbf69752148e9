/** The frame of the pages before somebody is signed in: one card in the middle. */
import type { ReactNode } from 'react';
import { Mark } from '../../../components/ui/mark.tsx';

export interface EntryFrameProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly children: ReactNode;
}

export function EntryFrame({ title, note, children }: EntryFrameProps) {
  return (
    <main className="flex min-h-dvh items-center justify-center px-4 py-12">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Mark className="size-12" />
          <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
        </div>
        {children}
        {note && <div className="mt-4 text-center text-ink-faint text-sm">{note}</div>}
      </div>
    </main>
  );
}

export const ENTRY_CARD = 'space-y-4 rounded-xl border border-line bg-surface p-5 shadow-card';

/** A list of any length inside a page: its beginning, and the rest when it is asked for, so that nothing scrolls within a card. */
import { type ReactNode, useState } from 'react';
import { counted } from '../../lib/counted.ts';
import { Button } from './button.tsx';

/** As many as a card shows by itself. */
const SHOWN = 8;

export interface LongListProps<Item> {
  readonly items: readonly Item[];
  /** What the items are, in the singular. */
  readonly noun: string;
  /** Draws those that are shown. */
  readonly children: (shown: readonly Item[]) => ReactNode;
}

export function LongList<Item>({ items, noun, children }: LongListProps<Item>) {
  const [all, setAll] = useState(false);
  // One more costs no more room than the button.
  const isLong = items.length > SHOWN + 1;
  return (
    <>
      {children(isLong && !all ? items.slice(0, SHOWN) : items)}
      {isLong && (
        <div className="border-line border-t px-2 py-1">
          <Button look="ghost" size="sm" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${counted(items.length, noun)}`}
          </Button>
        </div>
      )}
    </>
  );
}

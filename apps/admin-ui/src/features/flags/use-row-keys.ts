/** Keys of the list of flags: `j` and `k` go from one to the next, `x` selects the one that has the focus. */
import { type RefObject, useEffect, useRef } from 'react';
import { hasModifier, isDialogOpen, isTyping } from '../../lib/is-typing.ts';

export interface RowKeys {
  /** Its rows bear `data-flag`. */
  readonly table: RefObject<HTMLElement | null>;
  readonly onSelect: (key: string, isRange: boolean) => void;
  /** From the flag with that key; null: none of them has the focus. */
  readonly onMove: (key: string | null, step: 1 | -1) => void;
}

const STEPS: { readonly [key: string]: 1 | -1 } = { j: 1, k: -1 };

export function useRowKeys(keys: RowKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (isTyping(event.target) || hasModifier(event) || isDialogOpen()) return;
      const { table, onSelect, onMove } = latest.current;
      const focused = document.activeElement?.closest<HTMLElement>('[data-flag]');
      const flag = (focused && table.current?.contains(focused) && focused.dataset.flag) || null;
      const step = STEPS[event.key];
      if (step !== undefined) onMove(flag, step);
      else if (event.key.toLowerCase() === 'x' && flag !== null) onSelect(flag, event.shiftKey);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', hear);
    return () => document.removeEventListener('keydown', hear);
  }, []);
}

/** Where the focus goes in the row of a flag. */
export function linkOf(table: HTMLElement | null, flag: string): HTMLElement | null {
  return table?.querySelector<HTMLElement>(`[data-flag="${CSS.escape(flag)}"] a`) ?? null;
}

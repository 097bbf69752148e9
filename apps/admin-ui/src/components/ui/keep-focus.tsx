/** What is edited in a list: where an entry goes that had the focus, its last button has it, the one that adds another. */
import { type ReactNode, useEffect, useRef } from 'react';

export function KeepFocus({ children }: { readonly children: ReactNode }) {
  const area = useRef<HTMLDivElement>(null);
  const isWithin = useRef(false);
  useEffect(() => {
    if (!isWithin.current || document.activeElement !== document.body) return;
    [...(area.current?.querySelectorAll('button') ?? [])].findLast((button) => !button.disabled)?.focus({ preventScroll: true });
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens to who has the focus
    <div
      ref={area}
      onFocus={() => {
        isWithin.current = true;
      }}
      // What is taken out of the page is not left, and says nothing.
      onBlur={() => {
        isWithin.current = false;
      }}
    >
      {children}
    </div>
  );
}

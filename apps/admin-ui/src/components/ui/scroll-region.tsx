import type { ReactNode, Ref } from 'react';
import { classNames } from '../../lib/class-names.ts';

export interface ScrollRegionProps {
  /** What is in it, for those who do not see it. */
  readonly label: string;
  /** All of it fits, so that it does not scroll. */
  readonly still?: boolean;
  readonly className?: string;
  readonly ref?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

/** What may be wider than its place, and scrolls sideways there: by keyboard too. */
export function ScrollRegion({ label, still = false, className, ref, children }: ScrollRegionProps) {
  return (
    <section
      ref={ref}
      aria-label={label}
      // A region that scrolls must be reachable by keyboard.
      tabIndex={still ? undefined : 0}
      className={classNames(!still && 'overflow-x-auto', className)}
    >
      {children}
    </section>
  );
}

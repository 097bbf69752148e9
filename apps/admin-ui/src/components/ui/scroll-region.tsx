import type { ReactNode, Ref } from 'react';
import { classNames } from '../../lib/class-names.ts';

export interface ScrollRegionProps {
  /** What is in it, for those who do not see it. */
  readonly label: string;
  readonly className?: string;
  readonly ref?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

/** What may be wider than its place, and scrolls sideways there: by keyboard too. */
export function ScrollRegion({ label, className, ref, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section ref={ref} aria-label={label} tabIndex={0} className={classNames('overflow-x-auto', className)}>
      {children}
    </section>
  );
}

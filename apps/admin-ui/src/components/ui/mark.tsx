/** The mark: a mast, its yardarm, and a signal flag flying from it. */
export function Mark({ className = 'size-7' }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={`shrink-0 ${className}`}>
      <rect width="32" height="32" rx="8" fill="#0d3b5c" />
      <g fill="none" stroke="#fff" strokeWidth="2.4" strokeLinecap="round">
        <path d="M15 5.5v21" />
        <path d="M5.5 11.2 26.5 9" />
        <path d="M10 26.5h10" />
      </g>
      <path d="M19.5 12.6 25.6 12v7.2l-6.1.6z" fill="#ff7a59" />
    </svg>
  );
}

import { classNames } from '../../lib/class-names.ts';

/** A placeholder of roughly the size of what is being loaded. */
export function Skeleton({ className }: { readonly className: string }) {
  return <div aria-hidden="true" className={classNames('animate-shimmer rounded bg-line', className)} />;
}

/** Rows of a list that is being loaded; announced once. */
export function SkeletonRows({ rows, label }: { readonly rows: number; readonly label: string }) {
  return (
    <div role="status" aria-label={label} className="divide-y divide-line">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity and never move
        <div key={row} className="flex items-center gap-6 px-4 py-3.5">
          <div className="flex-1 space-y-2">
            <Skeleton className={row % 2 === 0 ? 'h-3 w-40' : 'h-3 w-52'} />
            <Skeleton className={row % 2 === 0 ? 'h-2.5 w-64' : 'h-2.5 w-48'} />
          </div>
          <Skeleton className="h-3 w-16" />
          <Skeleton className="h-5 w-9 rounded-full" />
          <Skeleton className="h-5 w-9 rounded-full" />
        </div>
      ))}
    </div>
  );
}

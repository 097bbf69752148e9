import { Spinner } from '../../components/ui/spinner.tsx';

/** Where not even the frame of a page can be drawn yet. */
export function OpeningPage() {
  return (
    <p role="status" className="flex min-h-screen items-center justify-center gap-2.5 text-ink-soft">
      <Spinner /> Opening Yardarm…
    </p>
  );
}

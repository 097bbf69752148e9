import { useEffect, useState } from 'react';
import { toExactTime, toRelativeTime } from '../../lib/time.ts';

/** Half a minute: the finest unit shown is the minute. */
const TICK_MS = 30_000;

/** `5 min ago`, kept current, with the exact time on hover. */
export function RelativeTime({ at, className }: { readonly at: string; readonly className?: string }) {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const atMs = Date.parse(at);
  return (
    <time dateTime={at} title={toExactTime(atMs)} className={className}>
      {toRelativeTime(atMs, nowMs)}
    </time>
  );
}

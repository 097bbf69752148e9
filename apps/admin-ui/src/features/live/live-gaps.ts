/** Notices gaps in what a tab hears, in which notifications may have been missed. */
import type { StreamStatus } from '../../lib/project-stream.ts';

/** Answers what is to be told every status; `onGap` is called each time the stream is live again, not the first time. */
export function watchGaps(onGap: () => void): (status: StreamStatus) => void {
  let last: StreamStatus = 'connecting';
  let everLive = false;
  return (status) => {
    if (status === 'live' && last !== 'live' && everLive) onGap();
    everLive ||= status === 'live';
    last = status;
  };
}

import { classNames } from '../../../lib/class-names.ts';
import { useLiveStatus } from '../live-status.ts';

const WORDS = {
  connecting: { text: 'Connecting…', title: 'Opening the stream of changes', dot: 'bg-off-track' },
  live: { text: 'Live', title: 'Changes by others appear at once', dot: 'bg-good' },
  reconnecting: {
    text: 'Reconnecting…',
    title: 'The connection was lost. What you see may be out of date until it is back.',
    dot: 'bg-warn animate-pulse',
  },
};

export function LiveIndicator() {
  const status = useLiveStatus();
  const { text, title, dot } = WORDS[status];
  return (
    <span
      role="status"
      title={title}
      data-testid="live-status"
      data-status={status}
      className="inline-flex items-center gap-1.5 text-ink-faint text-xs"
    >
      <span aria-hidden="true" className={classNames('size-1.5 rounded-full', dot)} />
      {text}
    </span>
  );
}

/** Where the indicator is out of sight, as in the menu of a phone. */
export function ReconnectingNote() {
  if (useLiveStatus() !== 'reconnecting') return null;
  return (
    <p role="status" className="w-full text-warn text-xs md:hidden">
      Reconnecting… What you see may be out of date.
    </p>
  );
}

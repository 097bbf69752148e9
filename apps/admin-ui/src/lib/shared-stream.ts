/**
 * One connection for all tabs of a browser: over HTTP/1.1 a browser opens at most six to a server, and a stream keeps
 * its own, so that a few open tabs would leave none for a request. One tab leads, has the connection and tells the
 * others what comes; when it goes away, the next one leads.
 */
import type { StreamEvent, StreamStatus } from './project-stream.ts';

/** What the tabs say to each other; `ask` wants the status from whoever leads. */
export type SharedMessage = StreamEvent | { readonly kind: 'ask' };

/** A message reaches every other tab, and never the one that sent it. */
export interface SharedChannel {
  onmessage: ((event: { readonly data: SharedMessage }) => void) | null;
  postMessage(message: SharedMessage): void;
  close(): void;
}

export interface SharedStreamOptions {
  readonly channel: SharedChannel;
  /** Calls `start` once this tab leads, and what that answered when it no longer does; answers the function that resigns. */
  readonly lead: (start: () => () => void) => () => void;
  /** Opens the connection; answers the function that closes it. */
  readonly open: (report: (event: StreamEvent) => void) => () => void;
  readonly report: (event: StreamEvent) => void;
}

/** Takes part in the shared stream; answers the function that leaves it. */
export function openSharedStream({ channel, lead, open, report }: SharedStreamOptions): () => void {
  let status: StreamStatus = 'connecting';
  let leads = false;
  channel.onmessage = ({ data }) => {
    if (data.kind !== 'ask') report(data);
    else if (leads) channel.postMessage({ kind: 'status', status });
  };
  report({ kind: 'status', status });
  const resign = lead(() => {
    leads = true;
    const close = open((event) => {
      if (event.kind === 'status') status = event.status;
      report(event);
      channel.postMessage(event);
    });
    return () => {
      leads = false;
      close();
    };
  });
  if (!leads) channel.postMessage({ kind: 'ask' });
  return () => {
    channel.onmessage = null;
    resign();
    channel.close();
  };
}

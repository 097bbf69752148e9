/**
 * One EventSource on a project's notifications. The browser reconnects by itself after a lost connection, but
 * gives up for good when an answer is not 200 (a restarting server behind a proxy); then this opens a new one,
 * with full jitter. A notification only says what to fetch again, so after a gap everything is fetched again; receipts
 * are told whole, and the next ones replace them.
 */
export type StreamStatus = 'connecting' | 'live' | 'reconnecting';

/** `data`: a notification, or receipts of one environment, as JSON. `views`: those that are shared are others now. */
export type StreamEvent =
  | { readonly kind: 'status'; readonly status: StreamStatus }
  | { readonly kind: 'notification'; readonly data: string }
  | { readonly kind: 'receipts'; readonly data: string }
  | { readonly kind: 'views'; readonly data: string };

export interface StreamSource {
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  onmessage: ((event: { readonly data: string }) => void) | null;
  addEventListener(type: 'receipts' | 'views', listener: (event: { readonly data: string }) => void): void;
  readonly readyState: number;
  close(): void;
}

export interface ProjectStreamOptions {
  readonly open: () => StreamSource;
  readonly report: (event: StreamEvent) => void;
  /** The server refused the stream; another attempt follows. */
  readonly onRefused: () => void;
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
  readonly random: () => number;
}

const CLOSED = 2;
const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;

/** Delay before attempt number `attempt` (from 0): uniform in [0, min(15 s, 0.5 s * 2^attempt)). */
export function reconnectDelayMs(attempt: number, random: number): number {
  return random * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** attempt);
}

/** Opens the stream and keeps it open; answers the function that ends it. */
export function openProjectStream(options: ProjectStreamOptions): () => void {
  let source: StreamSource | null = null;
  let cancelRetry: () => void = () => undefined;
  let attempt = 0;
  let everOpen = false;
  let ended = false;

  const tell = (status: StreamStatus) => options.report({ kind: 'status', status });
  const connect = () => {
    if (ended) return;
    const current = options.open();
    source = current;
    current.onopen = () => {
      attempt = 0;
      everOpen = true;
      tell('live');
    };
    current.onmessage = ({ data }) => options.report({ kind: 'notification', data });
    for (const kind of ['receipts', 'views'] as const)
      current.addEventListener(kind, ({ data }) => options.report({ kind, data }));
    current.onerror = () => {
      if (ended || source !== current) return;
      tell(everOpen ? 'reconnecting' : 'connecting');
      if (current.readyState !== CLOSED) return;
      options.onRefused();
      cancelRetry = options.schedule(connect, reconnectDelayMs(attempt, options.random()));
      attempt += 1;
    };
  };

  tell('connecting');
  connect();
  return () => {
    ended = true;
    cancelRetry();
    source?.close();
  };
}

/** What an application passes. Few checks, since a page pays for each: only what would fail without a word, or give a secret away. */
import type { EvaluationContext, TrackingEventDetails } from '@openfeature/web-sdk';
import { type CheckedOptions, type CommonOptions, refuse, STREAM_PATH } from '@yardarm/sync';

export interface YardarmWebOptions extends CommonOptions {
  /**
   * The client view that came with the page, as `clientView()` of the Node provider gives it: the provider is READY with it at
   * once. What cannot be read is ignored.
   */
  readonly bootstrap?: unknown;
  /** Whether what is held is kept in the local storage, for a next start without a server. Default true. */
  readonly snapshot?: boolean | undefined;
  /** Takes what the application tracks through OpenFeature; Yardarm has no use for it. */
  readonly onTrack?: ((name: string, context: EvaluationContext, details: TrackingEventDetails) => void) | undefined;
}

/** Throws a TypeError with one sentence. */
export function toChecked({ url, key, app, initializeTimeoutMs, telemetry = true }: YardarmWebOptions): CheckedOptions {
  if (!/^https?:/.test(`${url}`)) refuse("Option 'url' must be the http(s) address of a Yardarm server");
  if (!/^yc_/.test(`${key}`)) refuse("Option 'key' must be a client key (yc_…); a server key is a secret");
  const baseUrl = `${url}`.replace(/\/+$/, '');
  return {
    baseUrl,
    streamUrl: `ws${baseUrl.slice(4)}${STREAM_PATH}`,
    key: `${key}`,
    view: 'client',
    // What has no JSON would fail with each hello, long after construction.
    app: Object.fromEntries(Object.entries(app ?? {}).map(([name, value]) => [name, value == null ? undefined : String(value)])),
    // What is no number, of an unset variable say, would leave the wait without an end.
    initializeTimeoutMs: Number(initializeTimeoutMs) || 3_000,
    telemetry,
  };
}

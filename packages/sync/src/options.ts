/** Checks what an application passes to a provider. Throws at construction, in sentences; nothing throws afterwards. */
import type { AppInfo, View } from './messages.ts';
import { STREAM_PATH } from './messages.ts';

export interface CommonOptions {
  /** Address of the Yardarm server, for example `https://flags.example.com`. Undefined is refused in a sentence. */
  readonly url: string | undefined;
  /** SDK key of one environment. Undefined, as an unset environment variable gives, is refused in a sentence. */
  readonly key: string | undefined;
  /** What runs here; shown beside the receipts of a change. */
  readonly app?: AppInfo | undefined;
  /** How long `initialize` waits for the first rule set before it rejects; attempts go on. Default 3000. */
  readonly initializeTimeoutMs?: number | undefined;
  /** Whether counts of evaluations are sent about once a minute. Nothing about contexts is in them. Default true. */
  readonly telemetry?: boolean | undefined;
}

export interface CheckedOptions {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly streamUrl: string;
  readonly key: string;
  readonly view: View;
  readonly app: AppInfo;
  readonly initializeTimeoutMs: number;
  readonly telemetry: boolean;
}

const DEFAULT_INITIALIZE_TIMEOUT_MS = 3_000;
const MAX_INITIALIZE_TIMEOUT_MS = 600_000;
const ADDRESS = /^https?:\/\/(?:[^\s/?#@:[\]]+|\[[\da-f:.]+\])(?::(\d{1,5}))?(?:\/[^\s?#]*)?$/i;
const MAX_PORT = 65_535;
/** Also a websocket subprotocol in browsers: only characters that are allowed in one. */
const KEY = /^y[sc]_[A-Za-z0-9_.-]{8,200}$/;
const KNOWN = ['url', 'key', 'app', 'initializeTimeoutMs', 'telemetry'];

/** Throws a TypeError with one sentence that names the option, what is wrong and what is expected. */
export function checkOptions(
  options: CommonOptions,
  allowed: { readonly serverKeys: boolean; readonly others?: readonly string[] },
): CheckedOptions {
  if (typeof options !== 'object' || options === null) refuse('Options are missing: pass at least { url, key }');
  const known = [...KNOWN, ...(allowed.others ?? [])];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) refuse(`Option '${unknown}' is not known; known are ${known.join(', ')}`);
  const { url, key, app = {}, initializeTimeoutMs = DEFAULT_INITIALIZE_TIMEOUT_MS, telemetry = true } = options;
  const address = typeof url === 'string' ? ADDRESS.exec(url) : null;
  if (typeof url !== 'string' || address === null || Number(address[1] ?? 0) > MAX_PORT) {
    refuse("Option 'url' must be the http(s) address of a Yardarm server, without user, query or fragment");
  }
  if (typeof key !== 'string' || !KEY.test(key)) {
    refuse("Option 'key' must be an SDK key: it starts with ys_ (server key) or yc_ (client key)");
  }
  const view = key.startsWith('yc_') ? 'client' : 'server';
  if (view === 'server' && !allowed.serverKeys) {
    refuse("Option 'key' is a server key (ys_), which is a secret: a browser needs a client key (yc_)");
  }
  checkApp(app);
  const isDelay = typeof initializeTimeoutMs === 'number' && initializeTimeoutMs > 0;
  if (!isDelay || initializeTimeoutMs > MAX_INITIALIZE_TIMEOUT_MS) {
    refuse(`Option 'initializeTimeoutMs' must be milliseconds above 0 and at most ${MAX_INITIALIZE_TIMEOUT_MS}`);
  }
  if (typeof telemetry !== 'boolean') refuse("Option 'telemetry' must be true or false");
  const baseUrl = url.replace(/\/+$/, '');
  const streamUrl = `ws${baseUrl.slice('http'.length)}${STREAM_PATH}`;
  const { name, version, commit } = app;
  const given = { ...(name && { name }), ...(version && { version }), ...(commit && { commit }) };
  return { baseUrl, streamUrl, key, view, app: given, initializeTimeoutMs, telemetry };
}

function checkApp(app: AppInfo): void {
  if (typeof app !== 'object' || app === null) refuse("Option 'app' must be an object { name, version, commit }");
  for (const member of ['name', 'version', 'commit'] as const) {
    const value = app[member];
    if (value !== undefined && (typeof value !== 'string' || value.length > 200)) {
      refuse(`Option 'app.${member}' must be text of at most 200 characters`);
    }
  }
}

/** Throws a TypeError. */
export function refuse(sentence: string): never {
  throw new TypeError(`Yardarm: ${sentence}.`);
}

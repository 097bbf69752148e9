/** The requests of an SDK through whichever HTTP function it is given: headers, size limit, what an answer means. */
import { MAX_RETRY_AFTER_MS } from './backoff.ts';
import type { Transport } from './client.ts';
import { APPLIED_PATH, KILLS_PATH, RULE_SET_PATH, type SyncState, TELEMETRY_PATH, type View } from './messages.ts';
import { parseRuleSet, parseServerMessage } from './parse.ts';
import { parseKillsAnswer } from './parse-kills.ts';
import { hasPosition, parseState, ruleSetEtag, STATE_HEADER } from './position.ts';
import { broken, type FailedFetch, type FetchOutcome } from './replica-state.ts';
import type { TelemetryOutcome } from './telemetry-sender.ts';

/** The part of a fetch `Response` that is used. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: {
    getReader(): {
      read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
      cancel(): Promise<void>;
    };
  } | null;
}

export interface Http {
  /**
   * A GET, or with a body a POST. Must follow no redirect (the key would follow it), use no cache and give up after a bounded time.
   */
  readonly send: (url: string, headers: { readonly [name: string]: string }, body?: string) => Promise<HttpResponse>;
  /** The whole body of an answer. Rejects where it is broken, or larger than the platform can bear: see `boundedText`. */
  readonly readText: (response: HttpResponse) => Promise<string>;
}

type Answer = { readonly text: string | null; readonly state: SyncState | undefined };

/** No request ever rejects: every fault is an outcome. */
export function syncRequests(
  { send, readText }: Http,
  { baseUrl, key, view }: { readonly baseUrl: string; readonly key: string; readonly view: View },
): Omit<Transport, 'connect'> {
  const authorization = { Authorization: `Bearer ${key}` };
  const post = async (path: string, body: unknown) => {
    const headers = { ...authorization, 'Content-Type': 'application/json' };
    const response = await send(baseUrl + path, headers, JSON.stringify(body));
    await response.body?.getReader().cancel();
    return response;
  };

  /** What `read` makes of a 200, with a text, or of a 304, without one. */
  async function get<T>(
    path: string,
    known: { readonly [name: string]: string },
    read: (answer: Answer) => T,
  ): Promise<T | FailedFetch> {
    try {
      const response = await send(baseUrl + path, { ...authorization, Accept: 'application/json', ...known });
      const state = parseState(response.headers.get(STATE_HEADER));
      if (response.status === 304) return read({ text: null, state });
      if (response.status !== 200) {
        await response.body?.getReader().cancel();
        const retryAfterMs = parseRetryAfter(response.headers.get('Retry-After'));
        return { kind: 'failed', status: response.status, retryAfterMs, problem: problemOf(response.status) };
      }
      return read({ text: await readText(response), state });
    } catch (cause) {
      return broken(cause instanceof Error ? describe(cause) : String(cause));
    }
  }

  return {
    fetchRuleSet: (have) => {
      const query = have === null || !hasPosition(have) ? '' : `?have=${encodeURIComponent(`${have.epoch}.${have.revision}`)}`;
      const known: { readonly [name: string]: string } = have === null ? {} : { 'If-None-Match': ruleSetEtag(have.digest, view) };
      return get<FetchOutcome>(RULE_SET_PATH + query, known, ({ text, state }) => {
        if (text === null) return { kind: 'notModified', state };
        const ruleSet = parseRuleSet(text);
        return 'type' in ruleSet
          ? broken(`the rule set cannot be read: ${ruleSet.problem}`)
          : { kind: 'ruleSet', ruleSet, state };
      });
    },
    fetchDelta: (path) =>
      get<FetchOutcome>(path, {}, ({ text }) => {
        const message = parseServerMessage(text ?? '');
        const isDelta = message?.type === 'delta' || message?.type === 'invalid';
        return isDelta ? { kind: 'delta', message } : broken('the server answered something else than a delta');
      }),
    fetchKills: async () => {
      const answer = await get(KILLS_PATH, {}, ({ text }) => text && parseKillsAnswer(text));
      return answer && 'off' in answer ? answer : null;
    },
    sendReceipt: (receipt) => void post(APPLIED_PATH, receipt).catch(() => {}),
    sendTelemetry: (report) =>
      post(TELEMETRY_PATH, report).then(
        ({ status, headers }): TelemetryOutcome => {
          if (status >= 200 && status < 300) return { kind: 'taken' };
          // Malformed or too large, to this server at least: it will be so the next time.
          if (status === 400 || status === 413 || status === 422) return { kind: 'refused' };
          return { kind: 'later', retryAfterMs: parseRetryAfter(headers.get('Retry-After')) };
        },
        (): TelemetryOutcome => ({ kind: 'later', retryAfterMs: null }),
      ),
  };
}

/** Milliseconds of a Retry-After in integer seconds, up to five minutes; null for anything else. */
export function parseRetryAfter(value: string | null | undefined): number | null {
  return /^\d{1,5}$/.test(value ?? '') ? Math.min(Number(value) * 1000, MAX_RETRY_AFTER_MS) : null;
}

/** What a refusal means, in words for a log. */
export function problemOf(status: number): string {
  if (status === 401) return 'the server refused the SDK key (401): it is wrong, was revoked, or belongs to another server';
  if (status === 403) return 'the server, or something in front of it, does not let this request through (403)';
  return `the server answered ${status}`;
}

/** Node's fetch says only "fetch failed" and keeps the reason in `cause`. */
function describe(error: Error): string {
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

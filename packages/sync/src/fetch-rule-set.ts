/** `GET /sync/v1/ruleset` through whichever HTTP function it is given: headers, size limit, what an answer means. */
import type { SyncState, View } from './messages.ts';
import { parseRuleSet } from './parse.ts';
import { parseState, ruleSetEtag, STATE_HEADER } from './position.ts';
import type { FetchOutcome } from './replica-state.ts';

/** Twice the hard limit of a rule set: more is not ours. */
export const MAX_RULE_SET_BYTES = 32 * 1024 * 1024;

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

export interface RuleSetRequest {
  /** Must follow no redirect (the key would follow it), use no cache and give up after a bounded time. */
  readonly get: (url: string, headers: { readonly [name: string]: string }) => Promise<HttpResponse>;
  readonly decodeUtf8: (bytes: Uint8Array) => string;
  readonly url: string;
  readonly key: string;
  readonly view: View;
  readonly have: SyncState | null;
}

/** Never rejects: every fault is an outcome. */
export async function fetchRuleSet({ get, decodeUtf8, url, key, view, have }: RuleSetRequest): Promise<FetchOutcome> {
  try {
    const query = have === null ? '' : `?have=${encodeURIComponent(`${have.epoch}.${have.revision}`)}`;
    const known: { readonly [name: string]: string } = have === null ? {} : { 'If-None-Match': ruleSetEtag(have.digest, view) };
    const response = await get(url + query, { Authorization: `Bearer ${key}`, Accept: 'application/json', ...known });
    const state = parseState(response.headers.get(STATE_HEADER));
    if (response.status === 304) return { kind: 'notModified', state };
    const reader = response.body?.getReader();
    if (response.status !== 200) {
      await reader?.cancel();
      const retryAfterMs = parseRetryAfter(response.headers.get('Retry-After'));
      return { kind: 'failed', status: response.status, retryAfterMs, problem: problemOf(response.status) };
    }
    const bytes = reader === undefined ? new Uint8Array() : await readBytes(reader);
    if (bytes === null) return broken(`the rule set is larger than ${MAX_RULE_SET_BYTES} bytes`);
    const ruleSet = parseRuleSet(decodeUtf8(bytes));
    return 'type' in ruleSet ? broken(`the rule set cannot be read: ${ruleSet.problem}`) : { kind: 'ruleSet', ruleSet, state };
  } catch (cause) {
    return broken(cause instanceof Error ? describe(cause) : String(cause));
  }
}

/** Milliseconds of a Retry-After in integer seconds, up to a day; null for anything else. */
export function parseRetryAfter(value: string | null | undefined): number | null {
  return /^\d{1,5}$/.test(value ?? '') ? Math.min(Number(value), 86_400) * 1000 : null;
}

/** What a refusal means, in words for a log. */
export function problemOf(status: number): string {
  if (status === 401) return 'the server refused the SDK key (401): it is wrong, was revoked, or belongs to another server';
  if (status === 403) return 'the server, or something in front of it, does not let this request through (403)';
  return `the server answered ${status}`;
}

async function readBytes(reader: ReturnType<NonNullable<HttpResponse['body']>['getReader']>): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (value === undefined) continue;
    length += value.length;
    if (length > MAX_RULE_SET_BYTES) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function broken(problem: string): FetchOutcome {
  return { kind: 'failed', status: null, retryAfterMs: null, problem };
}

/** Node's fetch says only "fetch failed" and keeps the reason in `cause`. */
function describe(error: Error): string {
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

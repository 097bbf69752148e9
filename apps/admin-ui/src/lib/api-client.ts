/**
 * The one door to the management API. Same origin, session cookie, JSON. An answer that is not 2xx becomes
 * an `ApiError` that carries the stable code and the sentence of the error body; callers branch on `code`.
 */
import type { AppErrorCode, ErrorBody } from '@yardarm/contract';
import { type KeyedRequest, openOutcomes, REPEATED_AFTER_MS, type Repetition } from './repetition.ts';

/** `refused`: by something between this page and the API, which says no more. */
type ApiErrorCode = AppErrorCode | 'unreachable' | 'refused' | 'timeout';
export type ErrorDetail = ErrorBody['error']['details'][number];

export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly details: readonly ErrorDetail[];

  constructor(code: ApiErrorCode, message: string, options: { details?: readonly ErrorDetail[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.details = options.details ?? [];
  }
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** Version of the entity that the edit was made from; sent as `If-Match`. */
  readonly ifVersion?: number;
  readonly signal?: AbortSignal;
  /** How long to wait for the whole answer. */
  readonly timeoutMs?: number;
  /** Left out: a POST or PATCH is known again, and of the rest nothing is sent again. */
  readonly repetition?: Repetition;
  /** Before each time that it is sent again, while nobody can say whether it was done. */
  readonly repeatedAfterMs?: readonly number[];
}

/** Longer than a kill may wait for its environment's lock (10 s). */
const TIMEOUT_MS = 15_000;

/**
 * One request to `/api/v1<path>`. Path segments must already be encoded, see `apiPath`. Answers the parsed
 * body, or undefined for 204. Throws `ApiError`; its code is `unreachable` where no answer of the API came, and
 * `timeout` where none came in time. Of a change whose outcome is unknown it asks again first, in a way that makes it once.
 */
export async function callApi<T>(path: string, request: ApiRequest = {}): Promise<T> {
  const { method = 'GET', repetition = method === 'POST' || method === 'PATCH' ? 'known' : 'never' } = request;
  const text = request.body === undefined ? '' : JSON.stringify(request.body);
  const keyed: KeyedRequest = { method, path, body: text, ifVersion: request.ifVersion };
  const open = openOutcomes(tabStorage());
  const key = repetition === 'known' ? open.keyOf(keyed) : undefined;
  const init = toInit(keyed, key);
  const pauses = repetition === 'never' ? [] : (request.repeatedAfterMs ?? REPEATED_AFTER_MS);
  for (let repeated = 0; ; repeated += 1) {
    try {
      const answer = await callOnce<T>(path, init, request);
      if (key !== undefined) open.forget(keyed);
      return answer;
    } catch (error) {
      if (!(error instanceof ApiError) || !isOpen(error)) {
        if (key !== undefined) open.forget(keyed);
        throw error;
      }
      const pauseMs = error.code === 'timeout' ? undefined : pauses[repeated];
      if (pauseMs === undefined) {
        if (key !== undefined) open.keep(keyed, key);
        throw withRemedy(error, request, repetition);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

async function callOnce<T>(path: string, init: RequestInit, request: ApiRequest): Promise<T> {
  const { status, ok, text } = await send(path, init, request);
  if (status === 204) return undefined as T;
  const body: unknown = parseJson(text);
  if (!ok) throw toApiError(status, body);
  return body as T;
}

/** `apiPath('projects', 'shop', 'flags')` is `/projects/shop/flags`, each segment encoded. */
export function apiPath(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}

/** The sentence to show for anything thrown. */
export function toSentence(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'Something went wrong in this page. Reload it.';
}

/** A refusal with all that it found; null: there was none. */
export function toSentences(error: unknown): readonly string[] {
  if (error === null) return [];
  const details = error instanceof ApiError ? error.details.map(({ message }) => message) : [];
  return details.length > 0 ? details : [toSentence(error)];
}

export function hasCode(error: unknown, code: ApiErrorCode): boolean {
  return error instanceof ApiError && error.code === code;
}

/** The error of an answer that is not 2xx. What is not the API's own error body came from something in between. */
export function toApiError(status: number, body: unknown): ApiError {
  const { error } = (body ?? {}) as { readonly error?: Partial<ErrorBody['error']> };
  if (typeof error?.code === 'string' && typeof error.message === 'string')
    return new ApiError(error.code, error.message, { details: error.details ?? [] });
  const code = status === 401 ? 'unauthenticated' : status === 503 ? 'unavailable' : status < 500 ? 'refused' : 'unreachable';
  const sentence = `The server answered with status ${status} and no explanation.`;
  return new ApiError(code, code === 'unreachable' || code === 'refused' ? sentence : `${sentence} ${AGAIN}`);
}

const UNREACHABLE = 'The server does not answer.';
const TIMED_OUT = 'The server took too long to answer.';
const UNKNOWN = 'The server could not find out whether this was done.';
const AGAIN = 'Try again in a moment.';
const AGAIN_ONCE = 'Try again: what has arrived is not done twice.';
/** Says nothing about whether a change arrived, because nobody can know. */
const CHECK = 'Check whether the change arrived before you repeat it.';

/** Whether nobody can say what became of it. */
function isOpen({ code }: ApiError): boolean {
  return code === 'outcome_unknown' || code === 'unreachable' || code === 'timeout';
}

function withRemedy(
  { code, message, cause }: ApiError,
  { method = 'GET', ifVersion }: ApiRequest,
  repetition: Repetition,
): ApiError {
  const isSafe = method === 'GET' || repetition === 'harmless';
  const remedy = isSafe ? AGAIN : repetition === 'known' && ifVersion !== undefined ? AGAIN_ONCE : CHECK;
  return new ApiError(code, `${code === 'outcome_unknown' ? UNKNOWN : message} ${remedy}`, { cause });
}

interface Answer {
  readonly status: number;
  readonly ok: boolean;
  readonly text: string;
}

async function send(path: string, init: RequestInit, { signal, timeoutMs = TIMEOUT_MS }: ApiRequest): Promise<Answer> {
  // Not AbortSignal.any: it is younger than the browsers that this is built for.
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, timeoutMs);
  signal?.addEventListener('abort', end);
  try {
    if (signal?.aborted) end();
    const response = await fetch(`/api/v1${path}`, { ...init, signal: ending.signal });
    return { status: response.status, ok: response.ok, text: await response.text() };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw ending.signal.aborted
      ? new ApiError('timeout', TIMED_OUT, { cause })
      : new ApiError('unreachable', UNREACHABLE, { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

function toInit({ method, body, ifVersion }: KeyedRequest, key: string | undefined): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== '') headers['content-type'] = 'application/json';
  if (ifVersion !== undefined) headers['if-match'] = `"v${ifVersion}"`;
  if (key !== undefined) headers['idempotency-key'] = key;
  return { method, headers, credentials: 'same-origin', ...(body !== '' && { body }) };
}

/** Undefined where the browser keeps it from pages, and outside of browsers. */
function tabStorage(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

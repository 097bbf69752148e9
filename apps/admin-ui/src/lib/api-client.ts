/**
 * The one door to the management API. Same origin, session cookie, JSON. An answer that is not 2xx becomes
 * an `ApiError` that carries the stable code and the sentence of the error body; callers branch on `code`.
 */
import type { AppErrorCode, ErrorBody } from '@yardarm/contract';

type ApiErrorCode = AppErrorCode | 'unreachable';
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
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** Version of the entity that the edit was made from; sent as `If-Match`. */
  readonly ifVersion?: number;
  readonly signal?: AbortSignal;
}

/**
 * One request to `/api/v1<path>`. Path segments must already be encoded, see `apiPath`. Answers the parsed
 * body, or undefined for 204. Throws `ApiError`; its code is `unreachable` where no answer of the API came.
 */
export async function callApi<T>(path: string, request: ApiRequest = {}): Promise<T> {
  const response = await send(path, request);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  const body: unknown = parseJson(text);
  if (!response.ok) throw toApiError(response.status, body);
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

export function hasCode(error: unknown, code: ApiErrorCode): boolean {
  return error instanceof ApiError && error.code === code;
}

/** The error of an answer that is not 2xx. What is not the API's own error body came from something in between. */
export function toApiError(status: number, body: unknown): ApiError {
  const { error } = (body ?? {}) as { readonly error?: Partial<ErrorBody['error']> };
  if (typeof error?.code === 'string' && typeof error.message === 'string')
    return new ApiError(error.code, error.message, { details: error.details ?? [] });
  const code = status === 401 ? 'unauthenticated' : status === 503 ? 'unavailable' : 'unreachable';
  return new ApiError(code, `The server answered with status ${status} and no explanation. Try again in a moment.`);
}

/** Says nothing about whether a change arrived, because nobody can know. */
const UNREACHABLE = 'The server does not answer. If this was a change, check whether it arrived before you repeat it.';

async function send(path: string, { method = 'GET', body, ifVersion, signal }: ApiRequest): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (ifVersion !== undefined) headers['if-match'] = `"v${ifVersion}"`;
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  try {
    return await fetch(`/api/v1${path}`, init);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError('unreachable', UNREACHABLE, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

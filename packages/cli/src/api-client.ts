/** The management API as the commands need it. Every answer is checked against the contract. */
import { type CommittedFlag, committedFlag, errorBody, type Flag, flag, pageOf } from '@yardarm/contract';
import { ApiError } from './usage.ts';

export interface FlagTarget {
  readonly project: string;
  readonly environment: string;
  readonly flag: string;
}

export interface ApiClient {
  /** All pages, in the server's order. */
  listFlags(project: string): Promise<Flag[]>;
  switchFlag(target: FlagTarget, verb: 'kill' | 'unkill', reason: string | undefined): Promise<CommittedFlag>;
}

/** A kill waits up to 10 s for its lock; a client that gave up sooner would not know whether it landed. */
const TIMEOUT_MS = 15_000;

/** Throws an ApiError with the server's own sentence, or one that names the address when it cannot be reached. */
export function createApiClient(url: string, token: string): ApiClient {
  async function request(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new ApiError(`No answer from ${url}. Is the address right, and the server running?`, { cause });
    });
    const json: unknown = await response.json().catch(() => undefined);
    if (response.ok) return json;
    if (response.status === 401) throw new ApiError(`${url} does not accept this token: it is unknown or revoked.`);
    const parsed = errorBody.safeParse(json);
    throw new ApiError(parsed.success ? parsed.data.error.message : `${url} answered ${response.status} to ${method} ${path}.`);
  }

  return {
    async listFlags(project) {
      const flags: Flag[] = [];
      let cursor: string | null = null;
      do {
        const query: string = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
        const page = pageOf(flag).parse(await request('GET', `/projects/${encodeURIComponent(project)}/flags${query}`));
        flags.push(...page.items);
        cursor = page.next;
      } while (cursor !== null);
      return flags;
    },
    async switchFlag({ project, environment, flag: key }, verb, reason) {
      const path = `/projects/${encodeURIComponent(project)}/flags/${encodeURIComponent(key)}/environments/${encodeURIComponent(environment)}/${verb}`;
      return committedFlag.parse(await request('POST', path, reason === undefined ? {} : { reason }));
    },
  };
}

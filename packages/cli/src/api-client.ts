/** The management API as the commands need it. Every answer is checked against the contract. */
import {
  type AuditProof,
  auditProof,
  type Build,
  build,
  type Change,
  type Checkpoint,
  type CheckSnapshot,
  type CommittedFlag,
  type ConfiguredSegment,
  type CopiedEnvironment,
  type CreateFlagInput,
  change,
  checkpoint,
  checkSnapshot,
  committedFlag,
  configuredSegment,
  copiedEnvironment,
  type DeployInput,
  type Environment,
  type EnvironmentComparison,
  environment,
  environmentComparison,
  type Flag,
  type FlagConfigurationInput,
  flag,
  type ImportReport,
  importReport,
  type KilledFlags,
  type KillFlagsInput,
  killedFlags,
  pageOf,
  type Segment,
  type SegmentConfigurationInput,
  type Session,
  segment,
  session,
  type UploadedReferences,
  type UploadReferencesInput,
  uploadedReferences,
} from '@yardarm/contract';
import { z } from 'zod';
import { ApiError, UnreachableError } from './usage.ts';
import { VERSION } from './version.ts';

export interface FlagTarget {
  readonly project: string;
  readonly environment: string;
  readonly flag: string;
}

/** Without `flags` and `segments`: everything. */
export interface CopyInput {
  readonly from: string;
  readonly flags?: readonly string[];
  readonly segments?: readonly string[];
  readonly reason?: string;
}

export interface SegmentTarget {
  readonly project: string;
  readonly environment: string;
  readonly segment: string;
}

type WithReason<Input> = Input & { readonly reason?: string };

export interface ApiClient {
  /** All pages, in the server's order. */
  listFlags(project: string, also?: { readonly archived: boolean }): Promise<Flag[]>;
  listSegments(project: string): Promise<Segment[]>;
  listEnvironments(project: string): Promise<readonly Environment[]>;
  createFlag(project: string, input: CreateFlagInput): Promise<Flag>;
  /** `version` is the one that the edit is based on. */
  configureFlag(target: FlagTarget, input: WithReason<FlagConfigurationInput>, version: number): Promise<CommittedFlag>;
  createSegment(project: string, input: WithReason<{ readonly key: string; readonly name: string }>): Promise<Segment>;
  configureSegment(
    target: SegmentTarget,
    input: WithReason<SegmentConfigurationInput>,
    version: number,
  ): Promise<ConfiguredSegment>;
  /** `before` of each entry is how it stands in `from`, `after` how in `to`. */
  compare(project: string, from: string, to: string): Promise<EnvironmentComparison>;
  copyEnvironment(project: string, to: string, input: CopyInput): Promise<CopiedEnvironment>;
  killFlags(place: Omit<FlagTarget, 'flag'>, input: KillFlagsInput): Promise<KilledFlags>;
  switchFlag(target: FlagTarget, verb: 'kill' | 'unkill', reason: string | undefined): Promise<CommittedFlag>;
  /** All that a check needs to know, archived flags included. */
  checkSnapshot(project: string): Promise<CheckSnapshot>;
  uploadReferences(project: string, input: UploadReferencesInput): Promise<UploadedReferences>;
  deploy(place: Omit<FlagTarget, 'flag'>, input: DeployInput): Promise<Build>;
  /** The newest first. */
  listChanges(project: string, query: URLSearchParams): Promise<readonly Change[]>;
  /** Who the token is. */
  session(): Promise<Session>;
  /** The bytes of an export as they arrive. */
  exportInstance(query: URLSearchParams): Promise<AsyncIterable<Uint8Array>>;
  importInstance(file: ReadableStream<Uint8Array>, query: URLSearchParams): Promise<ImportReport>;
  /** Of every chain, all pages. */
  listCheckpoints(): Promise<Checkpoint[]>;
  /** As the server gets on; only a last line of type `end` makes it a proof. */
  verifyAudit(checkpoints: readonly Checkpoint[]): AsyncIterable<AuditProof>;
}

/** A kill waits up to 10 s for its lock; a client that gave up sooner would not know whether it landed. */
const TIMEOUT_MS = 15_000;
/** For a whole instance. */
const TRANSFER_TIMEOUT_MS = 15 * 60_000;
/** The server tells how it gets on; how long it takes depends on the history alone. */
const VERIFY_TIMEOUT_MS = 24 * 60 * 60_000;

/** A newer server may have codes that the contract of this version does not name. */
const refusal = z.object({
  error: z.object({
    ...{ code: z.string(), message: z.string() },
    details: z.array(z.object({ path: z.string(), message: z.string(), code: z.string().optional() })).catch([]),
  }),
});

/** Refusals after which nothing was done, nor will be; of `outcome_unknown` that cannot be said. */
const DID_NOTHING: ReadonlySet<string | null> = new Set(['rate_limited', 'unavailable']);
/** Of a token that has ended, or a server that would answer whatever is asked next in the same way. */
const TAKES_NOTHING: ReadonlySet<number> = new Set([401, 429, 502, 503, 504]);

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Throws an ApiError with the server's own sentence, or one that names the address when it cannot be reached. */
export function createApiClient(url: string, token: string): ApiClient {
  async function request(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    path: string,
    body?: object,
    baseVersion?: number,
  ): Promise<unknown> {
    const guard: Record<string, string> = baseVersion === undefined ? {} : { 'if-match': `"v${baseVersion}"` };
    const json = body && { headers: { 'content-type': 'application/json', ...guard }, body: JSON.stringify(body) };
    const response = await send(method, path, TIMEOUT_MS, json);
    return response.json().catch(() => undefined);
  }

  /** An answer that is no refusal. */
  async function send(method: string, path: string, timeoutMs: number, more: RequestInit = {}): Promise<Response> {
    const response = await fetch(`${url}/api/v1${path}`, {
      ...more,
      method,
      headers: { authorization: `Bearer ${token}`, ...(more.headers as Record<string, string>) },
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new UnreachableError(`No answer from ${url}. Is the address right, and the server running?`, { cause });
    });
    if (response.ok) return response;
    const json: unknown = await response.json().catch(() => undefined);
    const parsed = refusal.safeParse(json);
    const { code, message } = parsed.success
      ? { code: parsed.data.error.code, message: olderThanThis(url, parsed.data.error) ?? sentenceOf(parsed.data.error) }
      : { code: null, message: null };
    const sentence = response.status === 401 ? `${url} does not accept this token: it is unknown or revoked.` : message;
    const seconds = /^\d+$/.exec(response.headers.get('retry-after') ?? '')?.[0];
    const retryAfterMs = seconds === undefined || !DID_NOTHING.has(code) ? null : Number(seconds) * 1_000;
    const Refusal = TAKES_NOTHING.has(response.status) ? UnreachableError : ApiError;
    throw new Refusal(sentence ?? `${url} answered ${response.status} to ${method} ${path}.`, { code, retryAfterMs });
  }

  async function listAll<Item>(path: string, parse: (page: unknown) => Page<Item>, filter = ''): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page<Item> = parse(await request('GET', `${path}?limit=200${filter}${query}`));
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    return items;
  }

  return {
    listFlags: (project, { archived } = { archived: false }) =>
      listAll(pathOf(project, 'flags'), (page) => pageOf(flag).parse(page), archived ? '&archived=true' : ''),
    listSegments: (project) => listAll(pathOf(project, 'segments'), (page) => pageOf(segment).parse(page)),
    listEnvironments: (project) => listAll(pathOf(project, 'environments'), (page) => pageOf(environment).parse(page)),
    async createFlag(project, input) {
      return flag.parse(await request('POST', pathOf(project, 'flags'), input));
    },
    async configureFlag({ project, environment: name, flag: key }, input, version) {
      const path = pathOf(project, 'flags', key, 'environments', name);
      return committedFlag.parse(await request('PATCH', path, input, version));
    },
    async createSegment(project, input) {
      return segment.parse(await request('POST', pathOf(project, 'segments'), input));
    },
    async configureSegment({ project, environment: name, segment: key }, input, version) {
      const path = pathOf(project, 'segments', key, 'environments', name);
      return configuredSegment.parse(await request('PATCH', path, input, version));
    },
    async compare(project, from, to) {
      const query = new URLSearchParams({ from, to });
      return environmentComparison.parse(await request('GET', `${pathOf(project, 'compare')}?${query}`));
    },
    async copyEnvironment(project, to, input) {
      const path = pathOf(project, 'environments', to, 'copy');
      return copiedEnvironment.parse(await request('POST', path, input));
    },
    async killFlags({ project, environment }, input) {
      const path = pathOf(project, 'environments', environment, 'kill');
      return killedFlags.parse(await request('POST', path, input));
    },
    async switchFlag({ project, environment, flag: key }, verb, reason) {
      const path = pathOf(project, 'flags', key, 'environments', environment, verb);
      return committedFlag.parse(await request('POST', path, reason === undefined ? {} : { reason }));
    },
    async checkSnapshot(project) {
      return checkSnapshot.parse(await request('GET', pathOf(project, 'check-snapshot')));
    },
    async uploadReferences(project, input) {
      return uploadedReferences.parse(await request('PUT', pathOf(project, 'code-references'), input));
    },
    async deploy({ project, environment }, input) {
      const path = pathOf(project, 'environments', environment, 'deployments');
      return build.parse(await request('POST', path, input));
    },
    async listChanges(project, query) {
      return pageOf(change).parse(await request('GET', `${pathOf(project, 'changes')}?${query}`)).items;
    },
    async session() {
      return session.parse(await request('GET', '/session'));
    },
    async exportInstance(query) {
      const response = await send('GET', `/export?${query}`, TRANSFER_TIMEOUT_MS);
      return bytesOf(response);
    },
    async importInstance(file, query) {
      const headers = { 'content-type': 'application/x-ndjson' };
      // A request that is sent while it is read; the type of the platform does not know the member yet.
      const streamed = { headers, body: file, duplex: 'half' } as RequestInit;
      const response = await send('POST', `/import?${query}`, TRANSFER_TIMEOUT_MS, streamed);
      return importReport.parse(await response.json());
    },
    listCheckpoints: () => listAll('/audit/checkpoints', (page) => pageOf(checkpoint).parse(page)),
    async *verifyAudit(checkpoints) {
      const body = { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ checkpoints }) };
      const response = await send('POST', '/audit/verify', VERIFY_TIMEOUT_MS, body);
      for await (const line of linesOf(response)) yield auditProof.parse(JSON.parse(line));
    },
  };
}

/** What the commands send has members that an older server does not know. */
function olderThanThis(url: string, { details }: z.infer<typeof refusal>['error']): string | undefined {
  const unknown = details.find(({ code }) => code === 'unrecognized_keys');
  if (unknown === undefined) return undefined;
  return `${url} is older than this yardarm (${VERSION}) and does not take '${unknown.path}': update the server, or use the yardarm of its version.`;
}

/** A sentence that points at its details has them in it. */
function sentenceOf({ message, details }: z.infer<typeof refusal>['error']): string {
  const places = details.map((detail) => `${detail.path}: ${detail.message.replace(/\.$/, '')}`).join('; ');
  return places === '' ? message : message.replace(/; see details\.$/, () => `: ${places}.`);
}

/** Of something in a project. */
function pathOf(project: string, ...steps: readonly string[]): string {
  return ['/projects', ...[project, ...steps].map(encodeURIComponent)].join('/');
}

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

/** Whole lines; what a broken connection leaves of one is dropped. */
async function* linesOf(response: Response): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const bytes of bytesOf(response)) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (cause) {
    throw new ApiError('The connection ended before the answer did.', { cause });
  }
}

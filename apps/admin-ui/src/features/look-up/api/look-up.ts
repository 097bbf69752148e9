import type { Trace } from '@yardarm/evaluator';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import type { PageOf } from '../../../lib/page-of.ts';
import { listAll } from '../../../lib/page-of.ts';
import { chunksOf } from '../answers.ts';

/** As many as one request may ask for. */
const FLAGS = 50;
/** Under way at once: a thousand flags are twenty requests, and other people work too. */
const AT_ONCE = 4;

export interface LookUp {
  readonly project: string;
  readonly environment: string;
  readonly context: object;
  /** Null: the newest. */
  readonly revision: number | null;
}

export interface Found {
  readonly revision: number;
  /** In order of their keys. */
  readonly answers: readonly Trace[];
}

interface Evaluated {
  readonly revision: number;
  readonly evaluations: readonly Trace[];
}

/**
 * What the context is answered by every flag. Those that are archived by now are asked too where a past revision is: they may have
 * been there. `onSome` gets how many of how many are answered.
 */
export async function lookUp(
  { project, environment, context, revision }: LookUp,
  { signal, onSome }: { readonly signal: AbortSignal; readonly onSome: (done: number, total: number) => void },
): Promise<Found> {
  const keys = await flagKeys(project, revision !== null, signal);
  const [first, ...rest] = chunksOf(keys, FLAGS);
  const found: Evaluated[] = [];
  const ask = async (flags: readonly string[], at: number | null) => {
    const path = apiPath('projects', project, 'environments', environment, 'evaluate');
    const body = { flags, context, ...(at !== null && { revision: at }) };
    const evaluated = await callApi<Evaluated>(path, { method: 'POST', body, signal });
    found.push(evaluated);
    onSome(Math.min(found.length * FLAGS, keys.length), keys.length);
    return evaluated.revision;
  };
  // All of one revision, also where somebody publishes meanwhile: the first says which is the newest.
  const at = first === undefined ? (revision ?? 0) : await ask(first, revision);
  const work = async () => {
    for (let flags = rest.pop(); flags !== undefined; flags = rest.pop()) await ask(flags, at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const answers = found.flatMap(({ evaluations }) => evaluations).filter((one) => revision === null || existed(one));
  return { revision: at, answers: answers.sort((a, b) => (a.flag < b.flag ? -1 : 1)) };
}

async function flagKeys(project: string, withArchived: boolean, signal: AbortSignal): Promise<string[]> {
  const flags = await listAll<{ readonly key: string; readonly archivedAt: string | null }>(
    apiPath('projects', project, 'flags'),
    signal,
  );
  const present = flags.filter(({ archivedAt }) => archivedAt === null).map(({ key }) => key);
  return withArchived ? [...present, ...(await archivedKeys(project, signal))] : present;
}

async function archivedKeys(project: string, signal: AbortSignal): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '';
  for (;;) {
    const path = `${apiPath('projects', project, 'flags')}?lifecycle=archived&limit=200${cursor}`;
    const page = await callApi<PageOf<{ readonly key: string }>>(path, { signal });
    keys.push(...page.items.map(({ key }) => key));
    if (page.next === null) return keys;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

function existed({ resolution }: Trace): boolean {
  return resolution.errorCode !== 'FLAG_NOT_FOUND';
}

import type { Trace } from '@yardarm/evaluator';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { pagesOf } from '../../../lib/page-of.ts';

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
 * What the context is answered by every flag, page by page while the list of flags is still coming. Those that are archived by now are
 * asked too where a past revision is: they may have been there. `onSome` gets how many are answered.
 */
export async function lookUp(
  { project, environment, context, revision }: LookUp,
  { signal, onSome }: { readonly signal: AbortSignal; readonly onSome: (done: number) => void },
): Promise<Found> {
  const path = apiPath('projects', project, 'environments', environment, 'evaluate');
  let at = revision;
  let done = 0;
  const ask = async (flags: readonly string[]) => {
    const body = { flags, context, ...(at !== null && { revision: at }) };
    const evaluated = await callApi<Evaluated>(path, { method: 'POST', body, signal });
    done += flags.length;
    onSome(done);
    return evaluated;
  };
  const asked: Promise<Evaluated>[] = [];
  try {
    for await (const flags of flagKeys(project, revision !== null, signal)) {
      const answer = ask(flags);
      asked.push(answer);
      // All of one revision, also where somebody publishes meanwhile: the first says which is the newest.
      at ??= (await answer).revision;
    }
  } catch (error) {
    // Those under way fail for the same reason, or of no interest any more.
    await Promise.allSettled(asked);
    throw error;
  }
  const found = await Promise.all(asked);
  const answers = found.flatMap(({ evaluations }) => evaluations).filter((one) => revision === null || existed(one));
  return { revision: at ?? 0, answers: answers.sort((a, b) => (a.flag < b.flag ? -1 : 1)) };
}

/** Keys by the page, none of them empty. */
async function* flagKeys(project: string, withArchived: boolean, signal: AbortSignal): AsyncGenerator<string[]> {
  const path = `${apiPath('projects', project, 'flags')}?archived=${withArchived}`;
  for await (const { items } of pagesOf<{ readonly key: string }>(path, signal))
    if (items.length > 0) yield items.map(({ key }) => key);
}

function existed({ resolution }: Trace): boolean {
  return resolution.errorCode !== 'FLAG_NOT_FOUND';
}

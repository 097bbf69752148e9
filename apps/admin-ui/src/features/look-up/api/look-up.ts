import { queryOptions } from '@tanstack/react-query';
import type { Trace } from '@yardarm/evaluator';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export interface LookUp {
  readonly project: string;
  readonly environment: string;
  readonly context: object;
  /** Null: the newest. */
  readonly revision: number | null;
}

/** What one flag answers. */
export type Answer = Pick<Trace, 'flag' | 'resolution'>;

export interface Found {
  readonly revision: number;
  /** The clock that the evaluation ran by, RFC 3339. */
  readonly at: string;
  /** In order of their keys. */
  readonly answers: readonly Answer[];
}

interface Evaluated<T> {
  readonly revision: number;
  readonly at: string;
  readonly evaluations: readonly T[];
}

/** What the context is answered by every flag that is there at the revision. */
export async function lookUp({ project, environment, context, revision }: LookUp, signal: AbortSignal): Promise<Found> {
  const body = { context, ...(revision !== null && { revision }) };
  const path = apiPath('projects', project, 'environments', environment, 'evaluate');
  const found = await callApi<Evaluated<Answer>>(path, { method: 'POST', body, signal, repetition: 'harmless' });
  const answers = [...found.evaluations].sort((a, b) => (a.flag < b.flag ? -1 : 1));
  return { revision: found.revision, at: found.at, answers };
}

/** The way to one of the answers. It is not made with them: of thousands, somebody opens a few. */
export function traceQuery({ project, environment, context }: LookUp, { revision, at }: Found, flag: string) {
  const body = { flag, context, revision, at };
  return queryOptions({
    queryKey: queryKeys.trace(project, environment, body),
    queryFn: async ({ signal }) => {
      const path = apiPath('projects', project, 'environments', environment, 'evaluate');
      const [trace] = (await callApi<Evaluated<Trace>>(path, { method: 'POST', body, signal, repetition: 'harmless' }))
        .evaluations;
      if (trace === undefined) throw new Error(`Flag '${flag}' was not evaluated.`);
      return trace;
    },
    // The past stays as it is.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

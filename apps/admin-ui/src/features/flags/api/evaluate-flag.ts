import { useMutation } from '@tanstack/react-query';
import type { EvaluateInput } from '@yardarm/contract';
import type { Trace } from '@yardarm/evaluator';
import { apiPath, callApi } from '../../../lib/api-client.ts';

export interface Evaluation {
  readonly environment: string;
  readonly revision: number;
  readonly at: string;
  readonly evaluations: readonly Trace[];
}

/** Asks what a context is or was answered. Nothing is kept of it, on the server or here. */
export function useEvaluateFlag(project: string) {
  return useMutation({
    mutationFn: ({ environment, input }: { readonly environment: string; readonly input: EvaluateInput }) =>
      callApi<Evaluation>(apiPath('projects', project, 'environments', environment, 'evaluate'), {
        method: 'POST',
        body: input,
        repetition: 'harmless',
      }),
  });
}

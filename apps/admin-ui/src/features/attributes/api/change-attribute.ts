import type { ContextAttribute } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { useProjectChange } from '../../../lib/use-project-change.ts';

export interface SetAttribute {
  readonly name: string;
  /** Version that the edit was made from; null: it is declared for the first time. */
  readonly version: number | null;
  readonly input: Pick<ContextAttribute, 'type' | 'sensitive' | 'description'>;
}

export function useSetAttribute(project: string) {
  return useProjectChange(project, 'attribute', ({ name, version, input }: SetAttribute) =>
    callApi<ContextAttribute>(apiPath('projects', project, 'attributes', name), {
      method: 'PUT',
      body: input,
      ...(version !== null && { ifVersion: version }),
    }),
  );
}

export function useDeleteAttribute(project: string) {
  return useProjectChange(project, 'attribute', ({ name, version }: Pick<ContextAttribute, 'name' | 'version'>) =>
    callApi<void>(apiPath('projects', project, 'attributes', name), { method: 'DELETE', ifVersion: version }),
  );
}

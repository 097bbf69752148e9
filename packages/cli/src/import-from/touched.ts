import type { ApiClient, FlagTarget } from '../api-client.ts';

/** Whether the record says more of the flag in this environment than that it was made: a kill leaves neither a version nor anything else to tell it by. */
export async function isTouched(client: ApiClient, { project, environment, flag }: FlagTarget): Promise<boolean> {
  const changes = await client.listChanges(project, new URLSearchParams({ flag, environment, limit: '2' }));
  return changes.some(({ command }) => command !== 'flag.create');
}

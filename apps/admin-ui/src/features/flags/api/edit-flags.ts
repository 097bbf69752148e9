import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type EditedFlags, type KilledFlags, MAX_BULK_FLAGS } from '@yardarm/contract';
import { apiPath, callApi, toSentence } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** What is done to several flags at once. */
export type BulkEdit =
  | { readonly do: 'add_tag' | 'remove_tag'; readonly tag: string }
  | { readonly do: 'owner'; readonly owner: string | null }
  | { readonly do: 'archive' }
  | { readonly do: 'kill'; readonly environment: string };

export interface BulkRequest {
  readonly flags: readonly string[];
  readonly edit: BulkEdit;
  readonly reason: string;
}

/** One change set for every 200 of them, and one for a kill. What could not be edited is in the answer, flag by flag. */
export function useEditFlags(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'flag'],
    mutationFn: (request: BulkRequest) => sendInParts(request, (part) => send(project, part)),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.project(project) }),
  });
}

/** What one part is refused as a whole, its flags are; the first part's refusal is thrown: nothing was edited then. */
export async function sendInParts(
  request: BulkRequest,
  sendPart: (request: BulkRequest) => Promise<EditedFlags>,
): Promise<EditedFlags> {
  const size = request.edit.do === 'kill' ? request.flags.length : MAX_BULK_FLAGS;
  let all = await sendPart({ ...request, flags: request.flags.slice(0, size) });
  for (let from = size; from < request.flags.length; from += size) {
    const flags = request.flags.slice(from, from + size);
    const part = await sendPart({ ...request, flags }).catch((error: unknown): EditedFlags => {
      const refused = flags.map((flag) => ({ flag, code: 'unavailable', message: toSentence(error) }));
      return { changed: [], unchanged: [], refused };
    });
    all = {
      changed: [...all.changed, ...part.changed],
      unchanged: [...all.unchanged, ...part.unchanged],
      refused: [...all.refused, ...part.refused],
    };
  }
  return all;
}

async function send(project: string, { flags, edit, reason }: BulkRequest): Promise<EditedFlags> {
  const common = { flags, ...(reason && { reason }) };
  switch (edit.do) {
    case 'archive':
      return callApi(apiPath('projects', project, 'archive'), { method: 'POST', body: common });
    case 'kill': {
      const path = apiPath('projects', project, 'environments', edit.environment, 'kill');
      const { killed, alreadyOff } = await callApi<KilledFlags>(path, { method: 'POST', body: common, repetition: 'harmless' });
      return { changed: killed, unchanged: alreadyOff, refused: [] };
    }
    default:
      return callApi(apiPath('projects', project, 'flags'), { method: 'PATCH', body: { ...common, ...toMembers(edit) } });
  }
}

function toMembers(edit: BulkEdit & { readonly do: 'add_tag' | 'remove_tag' | 'owner' }) {
  switch (edit.do) {
    case 'add_tag':
      return { addTags: [edit.tag] };
    case 'remove_tag':
      return { removeTags: [edit.tag] };
    case 'owner':
      return { owner: edit.owner };
  }
}

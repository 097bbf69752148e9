import type { KillFlagsInput } from '@yardarm/contract';
import type { ApiClient } from '../api-client.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output, UsageError } from '../usage.ts';

/** True when the command line means other than exactly one flag by its key. */
export function killsSeveral({ operands, tag, owner }: Options): boolean {
  return operands.length > 1 || tag !== undefined || owner !== undefined;
}

/** Kill flags together, by key, tag or owner, and say which were on, which were off already, and at which revision all are off. */
export async function killFlags(client: ApiClient, options: Options, output: Output): Promise<number> {
  const { reason } = options;
  const place = {
    project: required(options.project, '--project'),
    environment: required(options.environment, '--environment'),
  };
  const answer = await client.killFlags(place, { ...whichFlags(options), ...(reason !== undefined && { reason }) });
  if (options.json) {
    output.out(JSON.stringify({ version: 1, ...answer }));
    return EXIT.clean;
  }
  const { killed, alreadyOff, environment, revision } = answer;
  if (killed.length > 0) output.out(`Killed ${countFlags(killed)} in ${environment}, revision ${revision}: ${killed.join(', ')}`);
  if (alreadyOff.length > 0) output.out(`Off already: ${alreadyOff.join(', ')}`);
  return EXIT.clean;
}

function whichFlags({ operands, tag, owner }: Options): KillFlagsInput {
  const ways = [operands.length > 0, tag !== undefined, owner !== undefined].filter(Boolean).length;
  if (ways !== 1) throw new UsageError('Say which flags to kill by their keys, by --tag or by --owner: one of the three.');
  if (tag !== undefined) return { tag };
  return owner === undefined ? { flags: [...operands] } : { owner };
}

function countFlags(keys: readonly string[]): string {
  return keys.length === 1 ? '1 flag' : `${keys.length} flags`;
}

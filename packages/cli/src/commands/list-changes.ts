import type { ApiClient } from '../api-client.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output } from '../usage.ts';

/** One line per change, the newest first: when, what, where, who and why. */
export async function listChanges(client: ApiClient, options: Options, output: Output): Promise<number> {
  const query = new URLSearchParams({ limit: String(options.limit) });
  const [flag] = options.operands;
  if (flag !== undefined) query.set('flag', flag);
  if (options.environment !== undefined) query.set('environment', options.environment);
  const changes = await client.listChanges(required(options.project, '--project'), query);
  if (options.json) output.out(JSON.stringify({ version: 1, changes }));
  else
    for (const { at, command, key, environment, actor, reason, id } of changes) {
      const where = environment === null ? '' : ` in ${environment}`;
      output.out(`${at}  ${id}  ${command} ${key}${where}  by ${actor.name}${reason === null ? '' : `: ${reason}`}`);
    }
  return EXIT.clean;
}

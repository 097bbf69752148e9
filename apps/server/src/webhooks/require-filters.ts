import { command } from '@yardarm/contract';
import type { Tx } from '../db/client.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import { listEnvironments } from '../projects/project-store.ts';

/** A webhook that waits for a command or an environment that does not exist would never say anything. Throws `invalid_reference`. */
export async function requireFilters(
  tx: Tx,
  project: { readonly id: string; readonly key: string },
  filters: { readonly commands?: readonly string[] | undefined; readonly environments?: readonly string[] | undefined },
): Promise<void> {
  const commands = command.options.map((option) => option.shape.type.value);
  const environments = (await listEnvironments(tx, project.id)).map(({ key }) => key);
  const details = [
    ...unknown('commands', 'is no command', filters.commands ?? [], commands),
    ...unknown('environments', `is no environment of project '${project.key}'`, filters.environments ?? [], environments),
  ];
  const [first] = details;
  if (first !== undefined) throw new AppError('invalid_reference', first.message, { details });
}

function unknown(member: string, what: string, names: readonly string[], known: readonly string[]): ErrorDetail[] {
  return names.flatMap((name, index) => {
    if (known.includes(name)) return [];
    const nearest = nearestName(name, known);
    const hint = nearest === null ? '' : ` Did you mean '${nearest}'?`;
    return [{ path: `${member}[${index}]`, message: `'${name}' ${what}.${hint}` }];
  });
}

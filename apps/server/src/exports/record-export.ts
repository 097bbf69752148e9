import type { CommandOf } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';

/** Puts on the record of the instance that somebody takes an export, before they get it. */
export async function recordExport({ tx, record }: CommandContext, command: CommandOf<'instance.export'>): Promise<null> {
  const { secrets, history } = command.input;
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [{ kind: 'access', key: command.type, environmentId: null, before: null, after: { secrets, history } }],
    bodies: [],
  });
  return null;
}

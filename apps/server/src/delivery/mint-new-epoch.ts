import type { CommandOf } from '@yardarm/contract';
import { DELIVERY_ACTOR } from '../auth/actor.ts';
import { mintSecret } from '../auth/secrets.ts';
import { type CommandDependencies, runCommand } from '../changes/run-command.ts';
import { passGate } from '../governance/gate.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import type { SeenState } from './watch-epochs.ts';

/** Makes a new epoch where the database is behind what was seen; resolves with whether it was. */
export async function mintNewEpoch(
  dependencies: Pick<CommandDependencies, 'db' | 'now'>,
  { rules }: ServedEnvironment,
  { epoch, revision, digest }: SeenState,
): Promise<boolean> {
  const command: CommandOf<'environment.new_epoch'> = {
    type: 'environment.new_epoch',
    target: { project: rules.project, environment: rules.environment },
    input: { seen: { epoch, revision, digest }, reason: 'the database was behind what SDKs hold' },
  };
  const { grant } = passGate({ actor: DELIVERY_ACTOR, grants: [], command, requestId: 'delivery', idempotencyKey: null });
  return (await runCommand({ ...dependencies, mintSecret }, grant)).isMinted;
}

import type { CommandOf } from '@yardarm/contract';
import { compareEpochs, compareStates } from '@yardarm/sync';
import { eq, sql } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import type { Tx } from '../db/client.ts';
import { environmentHeads } from '../db/schema.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { digestAt } from '../ruleset/digest-at.ts';
import { mintEpoch, mintedMs } from '../ruleset/epoch.ts';

/** An epoch is ordered by its milliseconds, so one that claims to be of a far day would decide for years; a clock is wrong by hours. */
const MAX_AHEAD_MS = 24 * 3_600_000;

type Seen = NonNullable<CommandOf<'environment.new_epoch'>['input']['seen']>;

interface NewEpoch {
  readonly epoch: string;
  readonly revision: number;
  /** False: the database is not behind what was seen, or what was seen cannot be true. */
  readonly isMinted: boolean;
}

/**
 * A new epoch at the same revision, so that every reader takes what the environment is now for newer than what it holds. With `seen`
 * only where the database is behind that state, or has another content at its revision: looked at under the head lock, hence
 * on the primary and by one server after the other, so that servers that saw the same make one epoch.
 */
export async function newEpoch(
  { tx, record }: CommandContext,
  { target, input }: CommandOf<'environment.new_epoch'>,
): Promise<NewEpoch> {
  const { project, environment } = await findEnvironment(tx, target.project, target.environment);
  const heads = await lockHeads(tx, [environment.id]);
  const head = await readHead(tx, environment.id);
  const { epoch: former, revision } = head;
  const { seen } = input;
  if (seen !== undefined && !(await contradicts(tx, environment.id, head, seen)))
    return { epoch: former, revision, isMinted: false };
  const epoch = mintEpoch(head.nowMs, seen === undefined ? [former] : [former, seen.epoch]);
  await tx
    .update(environmentHeads)
    .set({ epoch, committedAt: sql`clock_timestamp()` })
    .where(eq(environmentHeads.environmentId, environment.id));
  const after = { epoch, revision, ...(seen && { seen }) };
  const change = { kind: 'environment' as const, key: environment.key, environmentId: environment.id };
  await record(heads, {
    projectId: project.id,
    changes: [{ ...change, before: { epoch: former, revision }, after }],
    bodies: [],
  });
  return { epoch, revision, isMinted: true };
}

interface Head {
  readonly epoch: string;
  readonly revision: number;
  /** Database clock. */
  readonly nowMs: number;
}

async function readHead(tx: Tx, environmentId: string): Promise<Head> {
  const nowMs = sql<number>`extract(epoch from clock_timestamp())::float8 * 1000`;
  const [head] = await tx
    .select({ epoch: environmentHeads.epoch, revision: environmentHeads.revision, nowMs })
    .from(environmentHeads)
    .where(eq(environmentHeads.environmentId, environmentId));
  if (head === undefined) throw new Error(`Environment ${environmentId} has no head.`);
  return head;
}

async function contradicts(tx: Tx, environmentId: string, head: Head, seen: Seen): Promise<boolean> {
  if (compareEpochs(seen.epoch, head.epoch) > 0 && mintedMs(seen.epoch) > head.nowMs + MAX_AHEAD_MS) return false;
  if (compareStates(head, seen) < 0) return true;
  if (head.epoch !== seen.epoch || seen.digest === null) return false;
  return (await digestAt(tx, environmentId, seen.revision)) !== seen.digest;
}

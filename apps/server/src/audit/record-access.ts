/**
 * Records that somebody read what should not be read unseen: an export, the checkpoints. It stands in the history and its chain
 * like a change, and changes no entity: kind `access`, nothing before, the details after.
 */
import type { Actor } from '../auth/actor.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { recordChange } from '../changes/record-change.ts';
import type { Database, Tx } from '../db/client.ts';

export interface Access {
  /** Null: of the instance. */
  readonly projectId: string | null;
  /** What was done, like a command's type: `audit.checkpoints`. */
  readonly command: string;
  readonly actor: Actor;
  readonly requestId: string;
  /** What was read, as JSON; no secret of it. */
  readonly details: object;
}

/** Resolves once it is recorded; read and answer afterwards, so that nothing is read without a record. */
export async function recordAccess(db: Database | Tx, { projectId, command, actor, requestId, details }: Access): Promise<void> {
  await db.transaction(async (tx) => {
    const change = { kind: 'access', key: command, environmentId: null, before: null, after: details } as const;
    const record = { projectId, command, actor, reason: null, requestId, changes: [change], bodies: [] };
    await recordChange(tx, await lockHeads(tx, []), record);
  });
}

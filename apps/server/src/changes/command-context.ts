/** What a command's handler works with. Handlers live in feature folders, one verb per file. */
import type { Command, CommandOf } from '@yardarm/contract';
import type { ActionTarget, Principal } from '../auth/policies.ts';
import type { Action } from '../auth/roles.ts';
import type { MintSecret } from '../auth/secrets.ts';
import type { Tx } from '../db/client.ts';
import type { SecretBox } from '../webhooks/secret-box.ts';
import type { LockedHeads } from './lock-heads.ts';
import type { ChangeRecord, RecordedChange } from './record-change.ts';

export type CommandType = Command['type'];

/** A handler's part of a change record; actor, reason, command and request id are filled in for it. */
export type HandledChange = Pick<ChangeRecord, 'projectId' | 'changes' | 'bodies'>;

export interface CommandContext {
  readonly tx: Tx;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly mintSecret: MintSecret;
  /** Asks for a right besides the command's own, as which the gate let it in. Throws `forbidden`. */
  readonly authorize: (action: Action, target: ActionTarget) => void;
  /** Who asked, with their rights: already authorised for the command itself, not for what it gives away. */
  readonly principal: Principal;
  /** Path of the file that goes with the command; null without one. */
  readonly attachment: string | null;
  /** Null where the server's secret is not at hand. */
  readonly secretBox: SecretBox | null;
  /** Called once by a handler that changes something (an import: once for each project); a handler that finds nothing to change does not. */
  readonly record: (heads: LockedHeads, change: HandledChange) => Promise<RecordedChange>;
}

/** Runs inside the command's transaction and returns the JSON that the caller is answered. */
export type Handler<T extends CommandType> = (context: CommandContext, command: CommandOf<T>) => Promise<unknown>;

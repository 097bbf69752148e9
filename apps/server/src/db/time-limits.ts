import { sql } from 'drizzle-orm';
import type { Tx } from './client.ts';

export interface TimeLimits {
  /** How long a statement waits for a lock; then SQLSTATE 55P03. */
  readonly lockMs: number;
  /** How long a statement takes at most, its waiting included; then 57014. */
  readonly statementMs: number;
}

/** For the rest of the transaction, instead of the limits of its pool. */
export async function setTimeLimits(tx: Tx, { lockMs, statementMs }: TimeLimits): Promise<void> {
  await tx.execute(
    sql`select set_config('lock_timeout', ${String(lockMs)}, true), set_config('statement_timeout', ${String(statementMs)}, true)`,
  );
}

/**
 * `Idempotency-Key`: a command that is repeated with the same key is answered as the first time and
 * done once. The answer is kept in the command's own transaction, for a day.
 */
import { createHash } from 'node:crypto';
import { and, eq, inArray, lt, sql } from 'drizzle-orm';
import type { Actor } from '../auth/actor.ts';
import type { Tx } from '../db/client.ts';
import { idempotencyKeys } from '../db/identity-tables.ts';
import { AppError } from '../errors.ts';
import type { GateGrant } from '../governance/gate.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';

const CREATED = 201;
const OK = 200;

/**
 * The first answer, if this key was used before; otherwise the key is claimed, and a simultaneous repetition
 * waits for this transaction. Throws `idempotency_conflict` when the key was used for another command.
 */
export async function replayAnswer(tx: Tx, grant: GateGrant): Promise<unknown> {
  if (grant.idempotencyKey === null) return undefined;
  const actor = toText(grant.actor);
  const requestHash = hashOf(grant.command);
  const isOld = and(eq(idempotencyKeys.actor, actor), lt(idempotencyKeys.createdAt, sql`now() - interval '24 hours'`));
  // Those that another command of the same caller is about to delete are left to it: a kill would wait until an import is through.
  const old = tx.select({ key: idempotencyKeys.key }).from(idempotencyKeys).where(isOld).for('update', { skipLocked: true });
  await tx.delete(idempotencyKeys).where(and(eq(idempotencyKeys.actor, actor), inArray(idempotencyKeys.key, old)));
  const status = grant.command.type.endsWith('.create') ? CREATED : OK;
  const claimed = await tx
    .insert(idempotencyKeys)
    .values({ actor, key: grant.idempotencyKey, requestHash, status, response: sql`'null'::jsonb` })
    .onConflictDoNothing()
    .returning({ key: idempotencyKeys.key });
  if (claimed.length === 1) return undefined;
  const [first] = await tx.select().from(idempotencyKeys).where(isKey(actor, grant.idempotencyKey));
  if (first?.requestHash === requestHash) return first.response;
  throw new AppError('idempotency_conflict', 'This Idempotency-Key was used for another request; take a fresh one.');
}

/** Keeps `answer` for repetitions; a secret in it is answered once only, and not stored. */
export async function keepAnswer(tx: Tx, grant: GateGrant, answer: unknown): Promise<void> {
  // A claimed key has null for its answer.
  if (grant.idempotencyKey === null || (answer ?? null) === null) return;
  const response =
    typeof answer === 'object' && answer !== null && 'secret' in answer ? { ...answer, secret: undefined } : answer;
  await tx
    .update(idempotencyKeys)
    .set({ response })
    .where(isKey(toText(grant.actor), grant.idempotencyKey));
}

function isKey(actor: string, key: string) {
  return and(eq(idempotencyKeys.actor, actor), eq(idempotencyKeys.key, key));
}

function toText(actor: Actor): string {
  return actor.kind === 'system' ? `system:${actor.name}` : `${actor.kind}:${actor.id}`;
}

function hashOf(command: unknown): string {
  return createHash('sha256').update(canonicalJson(command)).digest('hex');
}

/** The proof of the record: what a verification of the chains finds, and the checkpoints that leave the machine. */
import { z } from 'zod';

/**
 * `changed`: rows differ from what was recorded. `missing`: a link or a record is gone. `reordered`: links stand in another order.
 * `relinked`: a link does not fit the one before. `unlinked`: rows that no link speaks of. `truncated`: a checkpoint is of a later
 * link than the chain has. `rewritten`: a checkpoint has another hash for a link. `forged`: a checkpoint that this server's secret
 * did not make.
 */
export const AUDIT_CAUSES = [
  'changed',
  'missing',
  'reordered',
  'relinked',
  'unlinked',
  'truncated',
  'rewritten',
  'forged',
] as const;

export const auditFinding = z.object({
  /** Project id, or `instance`; null where the rows no longer tell. */
  chain: z.string().nullable(),
  /** Place in the chain, from 1. */
  seq: z.int().nullable(),
  changeSet: z.string().nullable(),
  cause: z.enum(AUDIT_CAUSES),
  message: z.string(),
});
export type AuditFinding = z.infer<typeof auditFinding>;

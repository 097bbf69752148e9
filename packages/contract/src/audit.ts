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

/** Where a chain stood at a moment. Keep them off the machine: a later verification is held against them. */
export const checkpoint = z.strictObject({
  chain: z.string().min(1).max(64),
  seq: z.int().positive(),
  /** Of that link. */
  hash: z.string().max(64),
  /** HMAC-SHA-256 under a key of the server, in hex. */
  mac: z.string().max(64),
  at: z.string().max(40),
});
export type Checkpoint = z.infer<typeof checkpoint>;

/** The newest are the ones that matter. */
export const MAX_SHIPPED_CHECKPOINTS = 10_000;
export const verifyAuditInput = z.strictObject({ checkpoints: z.array(checkpoint).max(MAX_SHIPPED_CHECKPOINTS).default([]) });

/** One line of a verification's answer. Without the line `end` it was broken off and says nothing. */
export const auditProof = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), chain: z.string(), links: z.int() }),
  z.object({
    type: z.literal('chain'),
    chain: z.string(),
    /** Key; null for the instance, or where the project is gone. */
    project: z.string().nullable(),
    /** Links that fit, up to the finding. */
    links: z.int(),
    /** Of these, those that were made of records older than the chain. It proves nothing about the time before. */
    adopted: z.int(),
    /** Hash of the last link that fits. */
    head: z.string(),
    /** How many the database holds. */
    checkpoints: z.int(),
    finding: auditFinding.nullable(),
  }),
  z.object({ type: z.literal('strays'), findings: z.array(auditFinding) }),
  z.object({ type: z.literal('end'), ok: z.boolean(), links: z.int(), findings: z.int() }),
]);
export type AuditProof = z.infer<typeof auditProof>;

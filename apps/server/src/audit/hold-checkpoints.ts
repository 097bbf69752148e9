/** Holds checkpoints, the database's own and those that were shipped, against a chain that is being recomputed. */
import type { AuditFinding, Checkpoint } from '@yardarm/contract';
import { isGenuine } from './checkpoint.ts';
import type { LinkWitness } from './verify-chain.ts';

/** @param checkpoints of this chain, in any order */
export function holdCheckpoints(key: Buffer, checkpoints: readonly Checkpoint[]): LinkWitness {
  const waiting = [...checkpoints].sort((a, b) => a.seq - b.seq);
  let next = 0;
  return {
    see: ({ seq, hash, changeSetId }) => {
      for (; next < waiting.length && (waiting[next] as Checkpoint).seq <= seq; next += 1) {
        const checkpoint = waiting[next] as Checkpoint;
        if (!isGenuine(key, checkpoint)) return forged(checkpoint);
        if (checkpoint.seq === seq && checkpoint.hash !== hash)
          return found(
            checkpoint,
            'rewritten',
            changeSetId,
            `Link ${seq} had another hash ${when(checkpoint)}: the chain was rewritten.`,
          );
      }
      return null;
    },
    end: (lastSeq) => {
      const checkpoint = waiting[next];
      if (checkpoint === undefined) return null;
      if (!isGenuine(key, checkpoint)) return forged(checkpoint);
      return found(
        checkpoint,
        'truncated',
        null,
        `The chain ends with link ${lastSeq} and had link ${checkpoint.seq} ${when(checkpoint)}: its end is gone.`,
      );
    },
  };
}

function forged(checkpoint: Checkpoint): AuditFinding {
  return found(
    checkpoint,
    'forged',
    null,
    `The checkpoint of link ${checkpoint.seq} was not made with this server's secret: it was altered, or the secret file was replaced.`,
  );
}

function when({ at }: Checkpoint): string {
  return `at the checkpoint of ${at}`;
}

function found(
  { chain, seq }: Checkpoint,
  cause: AuditFinding['cause'],
  changeSet: string | null,
  message: string,
): AuditFinding {
  return { chain, seq, changeSet, cause, message };
}

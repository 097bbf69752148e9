/**
 * Checkpoints: where a chain stood at a moment, authenticated with a key that the database does not hold. Whoever can rewrite every row
 * of it can make a new chain that fits, and cannot make the checkpoints fit it; whoever can remove the checkpoints too is found
 * by those that were taken off the machine.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Checkpoint } from '@yardarm/contract';

const FORMAT = 'yardarm checkpoint 1';
const KEY_BYTES = 32;

/** @param secret of the server; see secret-file.ts */
export function checkpointKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', FORMAT, KEY_BYTES));
}

export function checkpointMac(key: Buffer, { chain, seq, hash, at }: Omit<Checkpoint, 'mac'>): string {
  return createHmac('sha256', key).update([FORMAT, chain, seq, hash, at].join('\n')).digest('hex');
}

export function isGenuine(key: Buffer, checkpoint: Checkpoint): boolean {
  const given = Buffer.from(checkpoint.mac, 'utf8');
  const own = Buffer.from(checkpointMac(key, checkpoint), 'utf8');
  return given.length === own.length && timingSafeEqual(given, own);
}

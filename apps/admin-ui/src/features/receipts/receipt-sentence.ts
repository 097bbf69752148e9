/**
 * Receipts in one sentence each. The word is `connected`, never `all`: an instance that is not connected
 * has not been asked, and gets the revision when it comes back.
 */
import type { Receipts } from '@yardarm/contract';
import { toDuration } from '../../lib/time.ts';

export type ReceiptState = 'waiting' | 'applied' | 'rejected' | 'unconnected';
type Counts = Receipts['server'];

/** State of one kind of instances; `rejected` wins, because it will not get better by waiting. */
export function receiptStateOf(counts: Counts): ReceiptState {
  if (counts.connected === 0) return 'unconnected';
  if (counts.rejected > 0) return 'rejected';
  return counts.applied >= counts.connected ? 'applied' : 'waiting';
}

/** `2 of 2 connected server instances run revision 41, slowest 18 ms`. */
export function serverReceiptSentence({ server, revision }: Receipts): string {
  if (server.connected === 0) return `No server instance is connected; revision ${revision} waits for them.`;
  const slowest = server.slowestMs === null ? '' : `, slowest ${toDuration(server.slowestMs)}`;
  const noun = server.connected === 1 ? 'server instance runs' : 'server instances run';
  return `${server.applied} of ${server.connected} connected ${noun} revision ${revision}${slowest}${rejectedClause(server)}`;
}

/** `3 of 3 connected browsers, slowest 40 ms`; null where no browser is connected. */
export function browserReceiptSentence({ client }: Receipts): string | null {
  if (client.connected === 0) return null;
  const slowest = client.slowestMs === null ? '' : `, slowest ${toDuration(client.slowestMs)}`;
  const noun = client.connected === 1 ? 'browser' : 'browsers';
  return `${client.applied} of ${client.connected} connected ${noun}${slowest}${rejectedClause(client)}`;
}

/** True once waiting longer changes nothing: everything connected has answered for `revision` or a newer one. */
export function isSettled(receipts: Receipts, revision: number): boolean {
  if (receipts.revision < revision) return false;
  return [receipts.server, receipts.client].every((counts) => receiptStateOf(counts) !== 'waiting');
}

function rejectedClause(counts: Counts): string {
  return counts.rejected === 0
    ? ''
    : `; ${counts.rejected} refused it and ${counts.rejected === 1 ? 'keeps' : 'keep'} the one before`;
}

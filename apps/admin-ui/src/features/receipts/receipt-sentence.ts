/**
 * Receipts in one sentence each. The word is `connected`, never `all`: an instance that is not connected
 * has not been asked, and gets the revision when it comes back.
 */
import type { Receipts } from '@yardarm/contract';
import { counted } from '../../lib/counted.ts';
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
  const verb = server.connected === 1 ? 'runs' : 'run';
  return `${share(server, 'connected server instance')} ${verb} revision ${revision}${slowest}${rejectedClause(server)}`;
}

/** `3 of 3 connected browsers, slowest 40 ms`; null where no browser is connected. */
export function browserReceiptSentence({ client }: Receipts): string | null {
  if (client.connected === 0) return null;
  const slowest = client.slowestMs === null ? '' : `, slowest ${toDuration(client.slowestMs)}`;
  return `${share(client, 'connected browser')}${slowest}${rejectedClause(client)}`;
}

/** True once waiting longer changes nothing: everything connected has answered for `revision` or a newer one. */
export function isSettled(receipts: Receipts, revision: number): boolean {
  if (receipts.revision < revision) return false;
  return [receipts.server, receipts.client].every((counts) => receiptStateOf(counts) !== 'waiting');
}

/** `1,204 of 1,204 connected browsers`. */
function share({ applied, connected }: Pick<Counts, 'applied' | 'connected'>, noun: string): string {
  return `${applied.toLocaleString('en-GB')} of ${counted(connected, noun)}`;
}

/** Of those that have not answered; null where there are none. `The other has not answered yet; it gets the change as soon as it can.` */
export function unansweredSentence({ server, client }: Receipts): string | null {
  const pending = server.pending + client.pending;
  if (pending === 0) return null;
  const isOnly = pending === server.connected + client.connected;
  if (pending === 1) return `${isOnly ? 'It' : 'The other'} has not answered yet; it gets the change as soon as it can.`;
  return `${isOnly ? 'They' : 'The others'} have not answered yet; they get the change as soon as they can.`;
}

function rejectedClause(counts: Counts): string {
  return counts.rejected === 0
    ? ''
    : `; ${counts.rejected} refused it and ${counts.rejected === 1 ? 'keeps' : 'keep'} the one before`;
}

/** `Without a stream: 2 of 3 readers that ask every half minute`; null where nobody polls. */
export function pollingSentence({ server, client }: Receipts): string | null {
  const readers = server.polling.readers + client.polling.readers;
  const applied = server.polling.applied + client.polling.applied;
  if (readers === 0) return null;
  return `Without a stream: ${share({ applied, connected: readers }, 'reader')} that ask every half minute`;
}

export interface BehindLine {
  /** `checkout 1.4.2`. */
  readonly app: string;
  readonly pending: number;
  readonly connected: number;
  /** What the slowest of them runs; null: nothing that it has told. */
  readonly heldRevision: number | null;
  /** Epoch milliseconds at which the one not heard for the longest was heard; null: none of them is named. */
  readonly heardAtMs: number | null;
  readonly instances: readonly string[];
}

/** Apps with instances that have not answered, the most instances first. */
export function behindLines({ apps, laggards }: Receipts): readonly BehindLine[] {
  return apps
    .filter(({ pending }) => pending > 0)
    .sort((a, b) => b.pending - a.pending)
    .map(({ keyKind, app, pending, connected }) => {
      const named = laggards.filter(
        (one) => one.keyKind === keyKind && one.app.name === app.name && one.app.version === app.version,
      );
      const held = named.flatMap((one) => one.held?.revision ?? []);
      return {
        app: appName(app, keyKind),
        pending,
        connected,
        heldRevision: held.length === 0 ? null : Math.min(...held),
        heardAtMs: named.length === 0 ? null : Math.min(...named.map((one) => Date.parse(one.heardAt))),
        instances: named.map((one) => one.instance),
      };
    });
}

/** `checkout 1.3.0 could not read flag 'banner' (unknown_operator), 2 instances`. */
export function refusalLines({ refusals }: Receipts): readonly string[] {
  return refusals.map(({ keyKind, kind, key, code, app, instances }) => {
    const number = counted(instances, 'instance');
    return `${appName(app, keyKind)} could not read ${kind} '${key}' (${code}), ${number}`;
  });
}

function appName({ name, version }: Receipts['apps'][number]['app'], keyKind: 'server' | 'client'): string {
  const unnamed = keyKind === 'server' ? 'unnamed app' : 'unnamed page';
  return [name ?? unnamed, version].filter(Boolean).join(' ');
}

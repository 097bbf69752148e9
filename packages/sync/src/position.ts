/**
 * Order and text forms of a state (epoch, revision, digest): who is newer, the `Yardarm-State` header and the
 * ETag of `GET /sync/v1/ruleset`.
 */
import { FORMAT, type SyncState, type View } from './messages.ts';
import { toStorable } from './storable-text.ts';

/** Response header that names the state of a rule set, on 200 and on 304. */
export const STATE_HEADER = 'Yardarm-State';

/**
 * Position of what no server has named for this key, a rule set that came with a page or a program say: older than whatever one names.
 * It may be of another environment, and is never claimed.
 */
export const NO_POSITION = { epoch: '', revision: 0 } as const;

const EPOCH = /^(\d{1,15})-(.+)$/;
const STATE = /^([^.]{1,200})\.(\d{1,15})\.([0-9a-f]{16})$/;

/** Negative when `a` is older, 0 when equal. By mint milliseconds, then by text, so that any two epochs are ordered. */
export function compareEpochs(a: string, b: string): number {
  if (a === b) return 0;
  const byTime = mintedMs(a) - mintedMs(b);
  if (byTime !== 0) return byTime;
  return a < b ? -1 : 1;
}

/** Negative when `a` is older, 0 when both name the same epoch and revision. Digests have no order. */
export function compareStates(a: Pick<SyncState, 'epoch' | 'revision'>, b: Pick<SyncState, 'epoch' | 'revision'>): number {
  return compareEpochs(a.epoch, b.epoch) || a.revision - b.revision;
}

export function hasPosition({ epoch }: Pick<SyncState, 'epoch'>): boolean {
  return epoch !== '';
}

/** Value of the `Yardarm-State` header: `<epoch>.<revision>.<digest>`. */
export function stateText(state: SyncState): string {
  return `${state.epoch}.${state.revision}.${state.digest}`;
}

/** The state that a `Yardarm-State` header names; undefined when there is none or it cannot be read. */
export function parseState(text: string | null | undefined): SyncState | undefined {
  const match = STATE.exec(text ?? '');
  if (match === null) return undefined;
  const [, epoch = '', revision, digest = ''] = match;
  return { epoch: toStorable(epoch), revision: Number(revision), digest };
}

/** ETag of a rule set: weak, since the same content may be sent compressed or not. */
export function ruleSetEtag(digest: string, view: View): string {
  return `W/"${digest}.${view}.${FORMAT}"`;
}

function mintedMs(epoch: string): number {
  return Number(EPOCH.exec(epoch)?.[1] ?? -1);
}

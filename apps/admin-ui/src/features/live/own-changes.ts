/**
 * Tells this tab's changes from everybody else's. The actor's name alone cannot: the same person may have a second
 * tab open, or a script running under the same name. A change is ours if it bears our name and this tab asked for
 * it a moment ago.
 */
import type { Notification } from '@yardarm/contract';

/** A request of this tab for a change of one kind of entity. */
export interface OwnRequest {
  /** Null: the request could not know it, as when a key is made. */
  readonly key: string | null;
  /** Null: the request concerns every environment. */
  readonly environment: string | null;
  readonly submittedAtMs: number;
}

/** Longer than a kill may wait for its environment's lock (10 s). */
const OWN_WINDOW_MS = 12_000;

export interface OwnRequests {
  /** Who is signed in; undefined while that is not known. */
  readonly actor: string | undefined;
  /** Requests of this tab for the notification's kind of entity. */
  readonly requests: readonly OwnRequest[];
}

export function isOwnChange(notification: Notification, { actor, requests }: OwnRequests, nowMs: number): boolean {
  if (notification.actor !== actor) return false;
  return requests.some(
    (request) =>
      (request.key === null || request.key === notification.key) &&
      (request.environment === null || notification.environment === null || request.environment === notification.environment) &&
      nowMs - request.submittedAtMs <= OWN_WINDOW_MS,
  );
}

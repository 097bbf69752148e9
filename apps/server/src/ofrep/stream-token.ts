/**
 * What an event stream is opened with, since a browser's EventSource sends no headers and a key must not stand in a URL. It names a key
 * and an hour and is authenticated with the server's secret, so that every replica knows the tokens of the others and none is stored. All
 * tokens of a key and an hour are equal: a client that asks again within it keeps its stream.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export interface StreamTokens {
  readonly mint: (keyId: string, nowMs: number) => string;
  /** Id of the key; null: made with another secret, damaged or ended. */
  readonly read: (token: string, nowMs: number) => string | null;
}

/** A token works until the end of the hour after the one in which it was made. */
export const TOKEN_HOUR_MS = 3_600_000;
const FORM = /^(\d{1,10})\.([\w-]{1,64})\.([\w-]{43})$/;

/** @param secret of the server; see secret-file.ts */
export function createStreamTokens(secret: string): StreamTokens {
  const macKey = Buffer.from(hkdfSync('sha256', secret, '', 'yardarm event streams', 32));
  const macOf = (hour: string, keyId: string) => createHmac('sha256', macKey).update(`${hour}.${keyId}`).digest('base64url');
  return {
    mint: (keyId, nowMs) => {
      const hour = String(hourOf(nowMs));
      return `${hour}.${keyId}.${macOf(hour, keyId)}`;
    },
    read: (token, nowMs) => {
      const [, hour, keyId, mac] = FORM.exec(token) ?? [];
      if (hour === undefined || keyId === undefined || mac === undefined) return null;
      const age = hourOf(nowMs) - Number(hour);
      // One ahead: clocks of replicas differ.
      if (age < -1 || age > 1) return null;
      return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(hour, keyId))) ? keyId : null;
    },
  };
}

/** Whole hours since the epoch. */
export function hourOf(nowMs: number): number {
  return Math.floor(nowMs / TOKEN_HOUR_MS);
}

import { createHmac } from 'node:crypto';

/**
 * Value of `Yardarm-Signature`: the time, so that an old message cannot be sent again, and HMAC-SHA-256 with the webhook's
 * secret over time, a dot and the body's bytes.
 */
export function signBody(secret: string, unixSeconds: number, body: string): string {
  const mac = createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex');
  return `t=${unixSeconds},v1=${mac}`;
}

/**
 * Small secrets that a browser keeps for the server between two requests: encrypted and authenticated with a key made from
 * the server's secret, so that the browser can neither read nor alter them, and every replica can open them.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface Sealer {
  readonly seal: (value: object, expiresMs: number) => string;
  /** Null for what was not sealed here, was altered, or has expired. */
  readonly open: (text: string, nowMs: number) => unknown;
}

/** `purpose`: what is sealed for one purpose cannot be opened for another. */
export function createSealer(secret: string, purpose: string): Sealer {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `yardarm ${purpose}`, 32));
  return {
    seal: (value, expiresMs) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, iv);
      const text = Buffer.concat([cipher.update(JSON.stringify({ value, expiresMs }), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
    },
    open: (text, nowMs) => {
      const bytes = Buffer.from(text, 'base64url');
      if (bytes.length <= IV_BYTES + TAG_BYTES) return null;
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      try {
        const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
        const { value, expiresMs } = JSON.parse(opened) as { value: unknown; expiresMs: number };
        return expiresMs > nowMs ? value : null;
      } catch {
        return null;
      }
    },
  };
}

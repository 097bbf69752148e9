/**
 * Secrets that the server mints and recognises: sign-in links, sessions, API tokens, SDK keys. Each holds 256
 * random bits, so a plain SHA-256 is enough to store it, and looking it up by hash leaks no timing.
 */
import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
/** What people see of a stored secret: its prefix and the first characters, too few to guess the rest. */
const VISIBLE_CHARS = 8;

export type MintSecret = (prefix: string) => string;

/** A fresh secret: `prefix`, then 43 URL-safe characters. */
export const mintSecret: MintSecret = (prefix) => prefix + randomBytes(SECRET_BYTES).toString('base64url');

/** SHA-256 of the secret's text, 64 hex digits: the only form in which a secret is stored. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function visiblePrefix(secret: string): string {
  return secret.slice(0, VISIBLE_CHARS);
}

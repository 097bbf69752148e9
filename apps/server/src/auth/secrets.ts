/**
 * Secrets that the server mints and recognises: sign-in links, sessions, API tokens, SDK keys. Each holds 256
 * random bits, so a plain SHA-256 is enough to store it, and looking it up by hash leaks no timing.
 */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const SECRET_BYTES = 32;
/** What people see of a stored secret: its prefix and the first characters, too few to guess the rest. */
const VISIBLE_CHARS = 8;

export type MintSecret = (prefix: string) => string;

/**
 * A fresh secret: `prefix`, then 43 URL-safe characters. One with a prefix is copied by people and looked for by scanners,
 * so it ends in a checksum of 6 more.
 */
export const mintSecret: MintSecret = (prefix) => {
  const text = prefix + randomBytes(SECRET_BYTES).toString('base64url');
  return prefix === '' ? text : text + checksumOf(text);
};

const WITH_CHECKSUM = /^([a-z]{2}_[\w-]{43})([\w-]{6})$/;

/**
 * True for a text with the shape of a secret that this server mints with a prefix and another checksum. Secrets of former
 * versions and of the configuration have no checksum: ask only about one that is not known.
 */
export function isMistyped(secret: string): boolean {
  const [, text, checksum] = WITH_CHECKSUM.exec(secret) ?? [];
  return text !== undefined && checksumOf(text) !== checksum;
}

/** CRC-32 of the text in 6 URL-safe characters: any one wrong character and any two exchanged ones show. */
function checksumOf(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64url');
}

/** SHA-256 of the secret's text, 64 hex digits: the only form in which a secret is stored. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function visiblePrefix(secret: string): string {
  return secret.slice(0, VISIBLE_CHARS);
}

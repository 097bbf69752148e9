/**
 * The text of an API token: `yt_`, 43 URL-safe characters (256 random bits), and the CRC-32 of all that in 8 hex digits,
 * so that a scanner of leaked secrets knows one when it sees one, without asking anybody.
 */
import { crc32 } from 'node:zlib';
import type { MintSecret } from '../auth/secrets.ts';

const TOKEN_PREFIX = 'yt_';
const PATTERN = /^(yt_[\w-]{43})([0-9a-f]{8})$/;

export function mintTokenSecret(mintSecret: MintSecret): string {
  const text = mintSecret(TOKEN_PREFIX);
  return text + checksumOf(text);
}

/** Whether the text has the form of a token and its checksum fits; says nothing about whether it works. */
export function looksLikeToken(text: string): boolean {
  const [, body, checksum] = PATTERN.exec(text) ?? [];
  return body !== undefined && checksumOf(body) === checksum;
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

const UTF_16 = Buffer.from([0xff, 0xfe]);
/** Where a file that is no text has a zero. */
const LOOKED_AT_BYTES = 8_192;

/** Null for what is no text. What is no UTF-8, nor UTF-16 with its mark, is read as UTF-8 as far as that goes: keys are ASCII. */
export function readTextFile(path: string): string | null {
  const bytes = readFileSync(path);
  if (bytes.subarray(0, 2).equals(UTF_16)) return bytes.toString('utf16le');
  return bytes.subarray(0, LOOKED_AT_BYTES).includes(0) ? null : bytes.toString('utf8');
}

/** Whether the text that was read of it, written as UTF-8, is the same file again. */
export function isUtf8File(path: string): boolean {
  return isUtf8(readFileSync(path));
}

/**
 * A sum over the text of a frame, as its last member. The digest of a view knows bodies by their tags and says nothing of what
 * is inside them, and without TLS sixteen bits of TCP are all that watches over that. No security measure.
 */
import { digestText } from './digest.ts';
import { hashTwice } from './hash-twice.ts';

const MEMBER = ',"sum":"';
/** The member, 16 hex digits, a quote and a brace. */
const END_UNITS = MEMBER.length + 18;
/** How a frame with a sum ends, also where the name of the member was damaged; but not with the digest of a beat that has none. */
const SUMMED = /[^t]":".{16}"}$/;

/** 16 hex digits that say whether a text is still the same. Guards against accidents alone. */
export function textSum(text: string): string {
  return digestText(hashTwice(text));
}

/** The JSON text of an object that has a member, with `sum` after the last. */
export function withSum(text: string): string {
  const open = text.slice(0, -1);
  return `${open}${MEMBER}${textSum(open)}"}`;
}

/** Whether the text is as `withSum` made it. One without a sum passes, so that either end may be older. */
export function isIntact(text: string): boolean {
  return !SUMMED.test(text.slice(-END_UNITS)) || text === withSum(`${text.slice(0, -END_UNITS)}}`);
}

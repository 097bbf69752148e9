/**
 * ip_in_range: IPv4 and IPv6 addresses against CIDR ranges. An address is a text of its bits behind the digit of its
 * version, a range the beginning of such a text. IPv4-mapped IPv6 (`::ffff:10.0.0.1`, what dual-stack sockets report)
 * counts as the IPv4 address.
 */
import { isString } from '../json.ts';
import type { CompileMatch } from './operators.ts';

const MAPPED = `6${'0'.repeat(80)}${'1'.repeat(16)}`;
const BYTE = '(\\d|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5])';
const DOTTED = new RegExp(`(^|:)${BYTE}\\.${BYTE}\\.${BYTE}\\.${BYTE}$`);

/** Any of the ranges. A bare address is a range of one; bits beyond the prefix are ignored. */
export const matchRange: CompileMatch = (values) => {
  const ranges: string[] = [];
  for (const value of values) {
    const range = isString(value) ? parseRange(value) : undefined;
    if (range === undefined) return 'values';
    ranges.push(range);
  }
  return (value) => {
    const bits = isString(value) ? parseAddress(value) : undefined;
    return bits === undefined ? undefined : ranges.some((range) => bits.startsWith(range));
  };
};

function parseRange(text: string): string | undefined {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = parseAddress(address);
  if (bits === undefined || more.length > 0) return undefined;
  if (prefix === undefined) return bits;
  const length = /^(0|[1-9]\d{0,2})$/.test(prefix) ? Number(prefix) : 999;
  const width = address.includes(':') ? 128 : 32;
  if (length > width) return undefined;
  // A mapped range is one of IPv4 if its prefix reaches there, else one of IPv6, in which no such address is.
  const hidden = width - bits.length + 1;
  return length < hidden ? MAPPED.slice(0, length + 1) : bits.slice(0, length - hidden + 1);
}

function parseAddress(text: string): string | undefined {
  const isIpv6 = text.includes(':');
  const inHex = text.replace(DOTTED, (_, before, ...bytes) => {
    const [a, b, c, d] = bytes.map((byte) => Number(byte).toString(16).padStart(2, '0'));
    return `${before}${a}${b}:${c}${d}`;
  });
  const [head = [], tail, ...more] = inHex.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const missing = (isIpv6 ? 8 : 2) - head.length - (tail?.length ?? 0);
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...head, ...new Array<string>(missing).fill('0'), ...(tail ?? [])];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  const bits = groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
  if (!isIpv6) return `4${bits}`;
  return `6${bits}`.startsWith(MAPPED) ? `4${bits.slice(96)}` : `6${bits}`;
}

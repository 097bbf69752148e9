/**
 * ip_in_range: IPv4 and IPv6 addresses against CIDR ranges. An address is a list of 16-bit groups, two or
 * eight. IPv4-mapped IPv6 (`::ffff:10.0.0.1`, what dual-stack sockets report) counts as the IPv4 address.
 */
import type { CompileMatch } from './match.ts';

interface Range {
  readonly groups: readonly number[];
  readonly bits: number;
}

/** Any of the ranges. A bare address is a range of one; bits beyond the prefix are ignored. */
export const compileIpInRange: CompileMatch = (values) => {
  const ranges: Range[] = [];
  for (const value of values) {
    const range = typeof value === 'string' ? parseRange(value) : undefined;
    if (range === undefined) return 'values';
    ranges.push(range);
  }
  return (value) => {
    const groups = typeof value === 'string' ? unmap(parseAddress(value)) : undefined;
    return groups && ranges.some((range) => contains(range, groups));
  };
};

function contains({ groups, bits }: Range, address: readonly number[]): boolean {
  if (groups.length !== address.length) return false;
  return groups.every((group, index) => {
    const free = Math.max(0, 16 * (index + 1) - bits);
    return free >= 16 || group >> free === (address[index] as number) >> free;
  });
}

function parseRange(text: string): Range | undefined {
  const slash = text.indexOf('/');
  const groups = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (groups === undefined) return undefined;
  const width = groups.length * 16;
  const prefix = slash < 0 ? String(width) : text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > width) return undefined;
  const bits = Number(prefix);
  return isMapped(groups) && bits >= 96 ? { groups: groups.slice(6), bits: bits - 96 } : { groups, bits };
}

function parseAddress(text: string): readonly number[] | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): readonly number[] | undefined {
  const bytes = text.split('.');
  if (bytes.length !== 4 || !bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
  return [a * 256 + b, c * 256 + d];
}

function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (tail === undefined) return head.length === 8 ? head : undefined;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? undefined : [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Groups between colons; the last may be dotted if the address ends here. An empty text is no groups. */
function parseGroups(text: string, atEnd: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const dotted = atEnd && index === parts.length - 1 ? parseIpv4(part) : undefined;
      if (dotted === undefined) return undefined;
      groups.push(...dotted);
    } else {
      if (!/^[\da-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

function isMapped(groups: readonly number[]): boolean {
  return groups.length === 8 && groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

function unmap(groups: readonly number[] | undefined): readonly number[] | undefined {
  return groups !== undefined && isMapped(groups) ? groups.slice(6) : groups;
}

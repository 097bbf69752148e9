/** Which addresses the server may send requests to that other people chose: public ones, and what the configuration allows. */
import { BlockList, isIP } from 'node:net';

/** Parsed from YARDARM_WEBHOOK_ALLOW. */
export interface AllowedTargets {
  /** Address ranges that may be reached although they are not public, on any port. */
  readonly ranges: BlockList;
  /** `host:port` in lower case, wherever the name leads. */
  readonly hosts: ReadonlySet<string>;
}

/** This network, private, shared (CGNAT), loopback, link-local (metadata), special, documentation, benchmarks, multicast, reserved. */
const NOT_PUBLIC_V4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4';
/** Global unicast is 2000::/3; within it special purposes and Teredo, documentation, 6to4 (an IPv4 address in disguise). */
const GLOBAL_V6 = '2000::/3';
const NOT_PUBLIC_V6 = '2001::/23 2001:db8::/32 2002::/16 3fff::/20';

/** Throws where an entry is neither a range nor a host with a port; the message names the entry. */
export function parseAllowedTargets(text: string): AllowedTargets {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const isHost = (entry: string) => /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\]):\d{1,5}$/i.test(entry);
  return {
    ranges: toBlockList(entries.filter((entry) => !isHost(entry))),
    hosts: new Set(entries.filter(isHost).map((entry) => entry.toLowerCase())),
  };
}

export function createAddressCheck({ ranges }: AllowedTargets): (address: string) => boolean {
  const notPublicV4 = toBlockList(NOT_PUBLIC_V4.split(' '));
  const notPublicV6 = toBlockList(NOT_PUBLIC_V6.split(' '));
  const globalV6 = toBlockList([GLOBAL_V6]);
  return (address) => {
    const family = isIP(address);
    if (family === 0) return false;
    // An IPv4 address written as IPv6 is outside 2000::/3, so it is refused whatever it is; nobody needs it.
    if (family === 4) return !notPublicV4.check(address, 'ipv4') || ranges.check(address, 'ipv4');
    return (globalV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6')) || ranges.check(address, 'ipv6');
  };
}

function toBlockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits = ''] = entry.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
      throw new Error(`'${entry}' is neither a range such as 10.0.0.0/8 nor a host with a port such as hooks.internal:8443.`);
    list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

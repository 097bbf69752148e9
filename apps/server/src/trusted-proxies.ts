/** YARDARM_TRUSTED_PROXIES: addresses and ranges, with commas between them. */
import { isIP } from 'node:net';
import type { z } from 'zod';

export function parseProxies(text: string, context: z.RefinementCtx<string>): string[] {
  const entries = text.split(',').flatMap((entry) => (entry.trim() === '' ? [] : [entry.trim()]));
  for (const [index, entry] of entries.entries()) {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const family = isIP(address);
    // 0 bits would believe everybody, which is what the setting exists to prevent.
    const fits = bits === undefined || (Number(bits) >= 1 && Number(bits) <= (family === 4 ? 32 : 128));
    if (family === 0 || !fits)
      context.addIssue({
        code: 'custom',
        message: `YARDARM_TRUSTED_PROXIES, entry ${index + 1}: write an address or a range such as 10.0.0.0/8, with commas between entries.`,
      });
  }
  return entries;
}

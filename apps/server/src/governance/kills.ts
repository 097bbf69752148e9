/**
 * The commands that only ever switch flags off. Whatever is done differently for them asks here: they wait longer for
 * a lock (changes/run-command.ts), no protection of an environment holds them up (govern.ts), and all are one right.
 */
import type { Command } from '@yardarm/contract';

const KILLS: ReadonlySet<string> = new Set<Command['type']>(['flag.kill', 'flag.kill_many']);

export function isKill(type: string): boolean {
  return KILLS.has(type);
}

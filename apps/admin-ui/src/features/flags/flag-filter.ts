/** The filters of the flags list. They live in the URL, so that a filtered list can be sent to somebody. */
import type { Flag } from '@yardarm/contract';
import { LIFECYCLES, type Lifecycle, lifecycleOf } from './lifecycle.ts';

const KINDS: readonly Flag['kind'][] = ['release', 'experiment', 'operational', 'permission'];

export interface FlagFilter {
  readonly q?: string;
  readonly kind?: Flag['kind'];
  readonly owner?: string;
  readonly lifecycle?: Lifecycle;
}

/** Reads the search parameters of the URL; what it does not know is dropped. */
export function parseFlagFilter(search: Record<string, unknown>): FlagFilter {
  const kind = KINDS.find((one) => one === search.kind);
  const lifecycle = LIFECYCLES.find((one) => one === search.lifecycle);
  return {
    // The router reads `?q=404` as a number.
    ...(isText(search.q) && { q: String(search.q) }),
    ...(kind && { kind }),
    ...(isText(search.owner) && { owner: String(search.owner) }),
    ...(lifecycle && { lifecycle }),
  };
}

/** Every word must be found in key, description, owner or a tag; case does not count. Keeps the order of `flags`. */
export function filterFlags(flags: readonly Flag[], filter: FlagFilter, nowMs: number): Flag[] {
  const words = (filter.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return flags.filter((flag) => {
    if (filter.kind && flag.kind !== filter.kind) return false;
    if (filter.owner && flag.owner !== filter.owner) return false;
    if (filter.lifecycle && lifecycleOf(flag, nowMs) !== filter.lifecycle) return false;
    if (words.length === 0) return true;
    const text = [flag.key, flag.description, flag.owner ?? '', ...flag.tags].join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function isFiltered(filter: FlagFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined && value !== '');
}

/** Owners of the flags, each once, in alphabetical order. */
export function ownersOf(flags: readonly Flag[]): string[] {
  return [...new Set(flags.flatMap((flag) => flag.owner ?? []))].sort((a, b) => a.localeCompare(b));
}

function isText(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

/** The filters of the flags list. They live in the URL, so that a filtered list can be sent to somebody. */
import type { Flag, Lifecycle } from '@yardarm/contract';
import { LISTED_LIFECYCLES } from './lifecycle.ts';
import { type ListLayout, parseListLayout } from './list-layout.ts';

const KINDS: readonly Flag['kind'][] = ['release', 'experiment', 'operational', 'permission'];

/** What is listed, and how. */
export interface FlagFilter extends ListLayout {
  readonly q?: string;
  readonly kind?: Flag['kind'];
  readonly owner?: string;
  readonly lifecycle?: Lifecycle;
  readonly tag?: string;
  /** Key of an environment in which it is on. */
  readonly on?: string;
  /** Key of an environment in which it is off. */
  readonly off?: string;
  /** Whether flagd decides it too, in the environment that the page shows. */
  readonly portable?: 'yes' | 'no';
}

/** Reads the search parameters of the URL; what it does not know is dropped. */
export function parseFlagFilter(search: Record<string, unknown>): FlagFilter {
  const kind = KINDS.find((one) => one === search.kind);
  const lifecycle = LISTED_LIFECYCLES.find(({ value }) => value === search.lifecycle)?.value;
  return {
    // The router reads `?q=404` as a number.
    ...(isText(search.q) && { q: String(search.q) }),
    ...(kind && { kind }),
    ...(isText(search.owner) && { owner: String(search.owner) }),
    ...(lifecycle && { lifecycle }),
    ...(isText(search.tag) && { tag: String(search.tag) }),
    ...(isText(search.on) && { on: String(search.on) }),
    ...(isText(search.off) && { off: String(search.off) }),
    ...((search.portable === 'yes' || search.portable === 'no') && { portable: search.portable }),
    ...parseListLayout(search),
  };
}

/** A flag with the text that is searched in it, which is made once for many searches. */
export interface SearchableFlag {
  readonly flag: Flag;
  readonly text: string;
}

export function toSearchable(flag: Flag): SearchableFlag {
  return { flag, text: [flag.key, flag.description, flag.owner ?? '', ...flag.tags].join('\n').toLowerCase() };
}

/**
 * Every word must be found in key, description, owner or a tag; case does not count. Keeps the order of `flags`. `obstacles` is by the key
 * of a flag; only what is portable asks for it.
 */
export function filterFlags(
  flags: readonly SearchableFlag[],
  filter: FlagFilter,
  obstacles: Readonly<Record<string, unknown>> = {},
): Flag[] {
  const words = (filter.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return flags.flatMap(({ flag, text }) => {
    if (filter.kind && flag.kind !== filter.kind) return [];
    if (filter.owner && flag.owner !== filter.owner) return [];
    if (filter.tag && !flag.tags.includes(filter.tag)) return [];
    if (filter.lifecycle && flag.lifecycle !== filter.lifecycle) return [];
    if (filter.on && !flag.environments.some(({ environment, on }) => on && environment === filter.on)) return [];
    if (filter.off && !flag.environments.some(({ environment, on }) => !on && environment === filter.off)) return [];
    if (filter.portable && (filter.portable === 'no') !== Object.hasOwn(obstacles, flag.key)) return [];
    return words.every((word) => text.includes(word)) ? [flag] : [];
  });
}

/** Whether it leaves any flag out. */
export function isFiltered({ sort, columns, ...filters }: FlagFilter): boolean {
  return Object.values(filters).some((value) => value !== undefined && value !== '');
}

/** Owners of the flags, each once, in alphabetical order. */
export function ownersOf(flags: readonly Flag[]): string[] {
  return [...new Set(flags.flatMap((flag) => flag.owner ?? []))].sort((a, b) => a.localeCompare(b));
}

/** Tags of the flags, each once, in alphabetical order. */
export function tagsOf(flags: readonly Flag[]): string[] {
  return [...new Set(flags.flatMap((flag) => flag.tags))].sort((a, b) => a.localeCompare(b));
}

function isText(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

/** What the command palette offers for what was typed: pages, projects, flags, and their switches. Pure. */
import type { Environment, Flag, Project } from '@yardarm/contract';
import { isProduction } from '../components/environment-name.tsx';

/** Addresses of the pages that a command can lead to. */
const PAGES = [
  { page: 'flags', title: 'Flags' },
  { page: 'segments', title: 'Segments' },
  { page: 'changes', title: 'Changes' },
  { page: 'hygiene', title: 'Hygiene' },
  { page: 'keys', title: 'SDK keys' },
  { page: 'look-up', title: 'Look up a user' },
  { page: 'compare', title: 'Compare' },
  { page: 'fleet', title: 'Fleet' },
  { page: 'connect', title: 'Connect an application' },
  { page: 'webhooks', title: 'Webhooks' },
  { page: 'members', title: 'Members' },
  { page: 'settings', title: 'Settings (new project)' },
  { page: 'people', title: 'People' },
  { page: 'teams', title: 'Teams' },
  { page: 'tokens', title: 'API tokens' },
  { page: 'audit', title: 'Audit' },
  { page: 'account', title: 'Your account' },
] as const;

/** Pages that belong to no project. */
const INSTANCE_PAGES = ['people', 'teams', 'tokens', 'audit', 'account'] as const;
type InstancePage = (typeof INSTANCE_PAGES)[number];

export function isOfInstance(page: string): page is InstancePage {
  return (INSTANCE_PAGES as readonly string[]).includes(page);
}

export type Command =
  | { readonly do: 'page'; readonly page: (typeof PAGES)[number]['page']; readonly title: string }
  | { readonly do: 'project'; readonly project: string; readonly title: string }
  /** Undefined: none in particular. */
  | { readonly do: 'environment'; readonly environment: string | undefined; readonly title: string }
  | { readonly do: 'create'; readonly title: string }
  | { readonly do: 'flag'; readonly flag: string; readonly title: string }
  | {
      readonly do: Verb;
      readonly flag: string;
      readonly environment: Environment;
      readonly title: string;
    };

type Verb = 'targeting' | 'kill' | 'unkill';

const VERBS: { readonly [word: string]: Verb } = {
  kill: 'kill', off: 'kill', stop: 'kill', unkill: 'unkill', on: 'unkill', start: 'unkill',
  edit: 'targeting', rules: 'targeting', targeting: 'targeting', rollout: 'targeting',
}; // biome-ignore format: one verb a line

/** Flags that are offered; whoever means another one types on. */
const MAX_FLAGS = 8;

export interface Offer {
  readonly flags: readonly Flag[];
  readonly environments: readonly Environment[];
  /** Key of the environment that is chosen for all pages; undefined: none in particular. */
  readonly chosen: string | undefined;
  readonly projects: readonly Project[];
  readonly mayCreate: boolean;
  /** Whether the reader may not switch a flag that is `on` there. */
  readonly isLocked: (environment: Environment, on: boolean) => boolean;
}

/** Best first. A verb (`kill`, `on`, `edit`) among the words offers that for each flag and environment that the others name. */
export function findCommands(typed: string, offer: Offer): readonly Command[] {
  const { flags, environments, chosen, projects, mayCreate, isLocked } = offer;
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const pages = [
    ...(mayCreate ? [{ do: 'create', title: 'New flag' } satisfies Command] : []),
    ...PAGES.map(({ page, title }): Command => ({ do: 'page', page, title: `Go to ${title}` })),
    ...projects.map(({ key, name }): Command => ({ do: 'project', project: key, title: `Switch to project ${name}` })),
    ...environments.map(({ key, name }): Command => {
      return { do: 'environment', environment: key, title: `Switch to environment ${name}` };
    }),
    { do: 'environment', environment: undefined, title: 'Switch to all environments' } satisfies Command,
  ].filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  if (words.length === 0) return pages;

  const verbs = words.flatMap((word) => VERBS[word] ?? []);
  const named = environments.filter(({ key, name }) => words.some((word) => isNameOf(word, key, name)));
  const rest = words.filter(
    (word) => VERBS[word] === undefined && !environments.some(({ key, name }) => isNameOf(word, key, name)),
  );
  const found = flags
    .filter(({ key, description, tags }) => {
      const text = `${key} ${description} ${tags.join(' ')}`.toLowerCase();
      return rest.every((word) => text.includes(word));
    })
    .sort((a, b) => rank(a.key, rest) - rank(b.key, rest))
    .slice(0, MAX_FLAGS);
  const [verb] = verbs;
  // Nothing is switched by a verb alone and a hasty Enter.
  if (verb !== undefined && rest.length === 0) return pages;
  const ofFlags = found.flatMap((flag): Command[] => {
    const places = named.length > 0 ? named : environments;
    if (verb !== undefined)
      return likeliestFirst(places, verb, chosen).flatMap((environment) => commandOf(verb, flag, environment, isLocked));
    const open: Command = { do: 'flag', flag: flag.key, title: `Open ${flag.key}` };
    return named.length > 0
      ? [open, ...named.flatMap((environment) => commandOf('targeting', flag, environment, isLocked))]
      : [open];
  });
  return [...ofFlags, ...pages];
}

/**
 * A hasty Enter takes the first: what is chosen for all pages, else what is production, as on every page that shows one
 * environment. Switching on is no emergency: without a choice it stays in the order of the environments.
 */
function likeliestFirst(places: readonly Environment[], verb: Verb, chosen: string | undefined): readonly Environment[] {
  const distance = (place: Environment) => (place.key === chosen ? 0 : verb !== 'unkill' && isProduction(place) ? 1 : 2);
  return [...places].sort((a, b) => distance(a) - distance(b));
}

function isNameOf(word: string, key: string, name: string): boolean {
  return word.length > 1 && (key.toLowerCase().startsWith(word) || name.toLowerCase().startsWith(word));
}

/** A key that begins with what was typed comes before one that has it inside, and both before other texts. */
function rank(key: string, words: readonly string[]): number {
  const lower = key.toLowerCase();
  return words.reduce((sum, word) => sum + (lower.startsWith(word) ? 0 : lower.includes(word) ? 1 : 2), 0);
}

function commandOf(verb: Verb, { key, environments }: Flag, environment: Environment, isLocked: Offer['isLocked']): Command[] {
  const state = environments.find((one) => one.environment === environment.key);
  // What is so already is not offered, nor what would be refused.
  if (
    state === undefined ||
    (verb !== 'targeting' && isLocked(environment, state.on)) ||
    (verb === 'kill' && !state.on) ||
    (verb === 'unkill' && state.on)
  )
    return [];
  const title = { targeting: `Edit targeting of ${key}`, kill: `Kill ${key}`, unkill: `Switch ${key} on` }[verb];
  return [{ do: verb, flag: key, environment, title: `${title} in ${environment.name}` }];
}

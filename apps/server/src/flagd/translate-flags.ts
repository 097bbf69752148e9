/**
 * Flags of an environment as flagd reads them. Each is translated when it or anything that it uses has changed, and a few in a turn:
 * 5 000 flags in one turn would hold everybody else up for most of a second.
 */
import type { RuleSet } from '@yardarm/evaluator';
import { type FlagdFlag, type Obstacle, toFlagd } from '@yardarm/evaluator/to-flagd';
import { linksOf } from '@yardarm/sync';
import { inSlices, NODE_TURNS, WORK_SLICE } from '../delivery/in-slices.ts';
import { renderRuleSet, type ServedBody } from '../ruleset/build.ts';
import { bodyId, type RuleSetView } from '../ruleset/rule-set-view.ts';

export interface TranslatedFlag {
  /** Ids of the flag and of all that it refers to, directly or not, with what the translation was made of. */
  readonly uses: ReadonlyMap<string, ServedBody | undefined>;
  /** Member of a definition, without braces; null: flagd cannot decide it as Yardarm does. */
  readonly json: string | null;
  /** Why it has no text. */
  readonly obstacles: readonly Obstacle[];
}

export interface TranslatedFlags {
  readonly salt: string | undefined;
  /** By key. */
  readonly flags: ReadonlyMap<string, TranslatedFlag>;
}

/** Flags that are translated together share what is known of the bodies that they use; one takes up to a millisecond. */
const CHUNK = 5;

/** @param before of an earlier content of the same environment, or null */
export async function translateFlags(view: RuleSetView, before: TranslatedFlags | null): Promise<TranslatedFlags> {
  const salt = view.header.hashing?.salt;
  const known = before !== null && before.salt === salt ? before.flags : new Map<string, TranslatedFlag>();
  const flags = new Map<string, TranslatedFlag>();
  const missing: string[] = [];
  for (const { kind, key } of view.bodies.values()) {
    if (kind !== 'flag') continue;
    const old = known.get(key);
    if (old === undefined || !isOf(view, old)) missing.push(key);
    // In the order of the bodies, whenever each is translated.
    flags.set(key, old as TranslatedFlag);
  }
  const linksOfBody = rememberLinks();
  await inSlices(chunksOf(missing), translateChunk, NODE_TURNS, WORK_SLICE);
  return { salt, flags };

  function translateChunk(keys: readonly string[]): void {
    const closures = keys.map((key) => closureOf(bodyId('flag', key), view, linksOfBody));
    const bodies = new Set(closures.flatMap((uses) => [...uses.values()]).filter((body) => body !== undefined));
    const exported = toFlagd(JSON.parse(renderRuleSet(view.header, bodies)) as RuleSet);
    for (const [index, key] of keys.entries()) {
      const uses = closures[index] as TranslatedFlag['uses'];
      flags.set(key, translated(key, uses, own(exported.flags, key), own(exported.obstacles, key)));
    }
  }
}

function chunksOf(keys: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(keys.length / CHUNK) }, (_, index) => keys.slice(index * CHUNK, (index + 1) * CHUNK));
}

/** Bodies that did not change are the same objects in both. */
function isOf(view: RuleSetView, { uses }: TranslatedFlag): boolean {
  for (const [id, body] of uses) if (view.bodies.get(id) !== body) return false;
  return true;
}

function closureOf(
  id: string,
  { bodies }: RuleSetView,
  linksOfBody: (body: ServedBody) => readonly string[],
): ReadonlyMap<string, ServedBody | undefined> {
  const closure = new Map([[id, bodies.get(id)]]);
  // Grows on the way, to the end of every chain.
  for (const body of closure.values()) {
    if (body === undefined) continue;
    for (const used of linksOfBody(body)) if (!closure.has(used)) closure.set(used, bodies.get(used));
  }
  return closure;
}

function rememberLinks(): (body: ServedBody) => readonly string[] {
  const known = new Map<ServedBody, readonly string[]>();
  return (body) => {
    const links = known.get(body) ?? linksOf(JSON.parse(body.text)).uses;
    known.set(body, links);
    return links;
  };
}

function translated(
  key: string,
  uses: TranslatedFlag['uses'],
  flag: FlagdFlag | undefined,
  obstacles: readonly Obstacle[] = [],
): TranslatedFlag {
  if (flag === undefined) return { uses, json: null, obstacles };
  // Each flag has a version and the set has none: readers would take a new one for a change of every flag.
  const version = uses.get(bodyId('flag', key))?.revision;
  const versioned = { ...flag, metadata: { ...flag.metadata, ...(version !== undefined && { version }) } };
  return { uses, json: `${JSON.stringify(key)}: ${JSON.stringify(versioned)}`, obstacles };
}

/** A flag may be called `constructor`. */
function own<Value>(record: { readonly [key: string]: Value }, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** What an edit of targeting changes, in sentences where there are any: a rule is one thing to its readers, whatever moved inside it. */
import { type DiffEntry, diff } from '@yardarm/contract';
import type { PlacedEntry } from '../../../lib/place-text.ts';
import { conditionSentence, type Phrase, serveSentence, toText } from '../../../lib/rule-sentence.ts';
import type { Prerequisite, Rule, Serve, Target, Targeting } from './targeting.ts';

/** How deep the places of each member go; what differs further inside is a difference of that place. */
const DEPTHS: { readonly [member: string]: number } = { rules: 2, prerequisites: 2, fallthrough: 1, offVariant: 1 };

/** Rules go by their numbers, as where they are edited: nobody sees their ids there. */
export function targetingDiff(before: Targeting, after: Targeting): readonly PlacedEntry[] {
  const places = new Map<string, DiffEntry>();
  for (const entry of diff(before, after)) {
    const [member = ''] = entry.path;
    const path = entry.path.slice(0, DEPTHS[member] ?? entry.path.length);
    const isInside = path.length < entry.path.length;
    const whole = isInside ? { path, kind: 'value' as const, before: at(before, path), after: at(after, path) } : entry;
    places.set(`${whole.kind} ${path.join(' ')}`, whole);
  }
  return [...places.values()].map((entry) => (entry.path[0] === 'rules' ? withNumbers(entry, before.rules, after.rules) : entry));
}

function withNumbers(entry: DiffEntry, before: Targeting['rules'], after: Targeting['rules']): PlacedEntry {
  const [was, is] = [numbersOf(before), numbersOf(after)];
  const id = entry.path[1];
  if (id === undefined && entry.kind === 'order') {
    // Both orders in the numbers that the rules had.
    const numbers = (ids: unknown) => (ids as readonly string[]).map((one) => was.get(one)?.toString() ?? 'new');
    return { ...entry, before: numbers(entry.before), after: numbers(entry.after) };
  }
  if (id === undefined) return entry;
  const [number, old] = [is.get(id), was.get(id)];
  const moved = number !== undefined && old !== undefined && number !== old;
  return { ...entry, place: `rule ${number ?? old}${moved ? ` (${old} before)` : ''}` };
}

function numbersOf(rules: Targeting['rules']): ReadonlyMap<string, number> {
  return new Map(rules.map(({ id }, index) => [id, index + 1]));
}

/** One side of a difference, in words; undefined where it has none but its JSON, or the same words as the other side: a salt, a label. */
export function targetingText(entry: DiffEntry, value: unknown): string | undefined {
  const isBoth = entry.before !== undefined && entry.after !== undefined;
  return isBoth && sentenceOf(entry, entry.before) === sentenceOf(entry, entry.after) ? undefined : sentenceOf(entry, value);
}

function sentenceOf({ path: [member, , inner], kind }: DiffEntry, value: unknown): string | undefined {
  if (kind !== 'value') return undefined;
  if (member === 'fallthrough') return toText(serveInFull(value as Serve | null));
  if (member === 'offVariant') return (value as string | null) ?? 'the code default';
  if (member === 'targets' && inner === undefined) return (value as Target).keys.join(', ');
  if (member === 'prerequisites') {
    const { flag, variants } = value as Prerequisite;
    return `${flag} has to serve ${variants.join(' or ')}`;
  }
  if (member !== 'rules') return undefined;
  const { when, serve } = value as Rule;
  return toText([
    { kind: 'text', text: 'if' },
    // Whoever publishes has to see every value.
    ...conditionSentence(when, Number.POSITIVE_INFINITY),
    { kind: 'text', text: 'serve' },
    ...serveInFull(serve),
  ]);
}

/** With the salt, which decides who is in without showing in any share. */
function serveInFull(serve: Serve | null): Phrase[] {
  const salt = serve !== null && 'split' in serve ? serve.split.salt : undefined;
  return [
    ...serveSentence(serve),
    ...(salt === undefined ? [] : [{ kind: 'text' as const, text: `with salt ${JSON.stringify(salt)}` }]),
  ];
}

function at(targeting: Targeting, [member, id]: readonly string[]): unknown {
  if (id === undefined) return targeting[member as keyof Targeting];
  if (member === 'rules') return targeting.rules.find((rule) => rule.id === id);
  return targeting.prerequisites.find(({ flag }) => flag === id);
}

/** The rule set of an environment as of any of its revisions, rendered from what was stored then: the same bytes as then. */
import type { EntityKind, FlagBody, RuleSet, SegmentBody } from '@yardarm/evaluator';
import { FORMAT } from '@yardarm/sync';
import { loadSomeTextsAt, loadTextsAt, type TextAt } from '../changes/load-texts-at.ts';
import type { Database } from '../db/client.ts';
import { mapInSlices } from '../delivery/in-slices.ts';
import { renderBody, renderRuleSet, type ServedBody } from '../ruleset/build.ts';

const KINDS: readonly EntityKind[] = ['flag', 'segment'];

export interface PastState {
  readonly project: { readonly key: string };
  readonly environment: { readonly id: string; readonly key: string };
  readonly epoch: string;
  readonly revision: number;
}

/** JSON text of the server view. */
export async function renderRuleSetAt(db: Database, { project, environment, epoch, revision }: PastState): Promise<string> {
  const texts = await loadTextsAt(db, environment.id, revision);
  return renderRuleSet({ project: project.key, environment: environment.key, epoch, revision }, texts.map(toServedBody));
}

/**
 * The same as a value, read body by body: the text of thousands, read at once, took 30 ms in which nobody was answered. Of `named`
 * flags it has those and whatever they ask for; null: everything.
 */
export async function loadRuleSetAt(db: Database, state: PastState, named: readonly string[] | null): Promise<RuleSet> {
  const { project, environment, epoch, revision } = state;
  const texts = await (named === null ? loadTextsAt(db, environment.id, revision) : loadReach(db, state, named));
  const bodies = await mapInSlices(texts, (text) => [text, JSON.parse(toServedBody(text).text) as unknown] as const);
  const of = (kind: EntityKind) =>
    Object.fromEntries(bodies.filter(([text]) => text.kind === kind).map(([{ key }, body]) => [key, body]));
  return {
    ...{ format: FORMAT, project: project.key, environment: environment.key, epoch, revision },
    flags: of('flag') as Record<string, FlagBody>,
    segments: of('segment') as Record<string, SegmentBody>,
  };
}

/**
 * Canonical text has one spelling of a reference: to search it takes a fiftieth of what it takes to read it. A value of a variant may look
 * like one, which costs a look in vain.
 */
const REFERENCE = /"(flag|segment)":"([\w.-]{1,128})"/g;

/** Flags with their prerequisites, those of these, and the segments that any of them asks for. */
async function loadReach(db: Database, { environment, revision }: PastState, named: readonly string[]): Promise<TextAt[]> {
  const at = { environmentId: environment.id, revision };
  const known = { flag: new Set<string>(), segment: new Set<string>() };
  const texts: TextAt[] = [];
  let wanted: Record<EntityKind, Set<string>> = { flag: new Set(named), segment: new Set() };
  while (wanted.flag.size + wanted.segment.size > 0) {
    const next: Record<EntityKind, Set<string>> = { flag: new Set(), segment: new Set() };
    for (const kind of KINDS) for (const key of wanted[kind]) known[kind].add(key);
    for (const kind of KINDS) {
      const found = await loadSomeTextsAt(db, at, kind, [...wanted[kind]]);
      texts.push(...found);
      for (const references of await mapInSlices(found, referencesIn))
        for (const [to, key] of references) if (!known[to].has(key)) next[to].add(key);
    }
    wanted = next;
  }
  return texts;
}

function referencesIn({ body }: TextAt): [EntityKind, string][] {
  return Array.from(body.matchAll(REFERENCE), ([, kind, key]) => [kind, key] as [EntityKind, string]);
}

function toServedBody({ kind, key, revision, tag, body }: TextAt): ServedBody {
  return { kind, key, revision, tag, text: renderBody(body, revision, tag), off: null };
}

/**
 * Carries the client view along with the rule set: which bodies of it one revision changes. Visibility is
 * not local: a segment appears with the first visible flag that uses it and leaves with the last, and a flag
 * that depends on one not marked for browsers is withheld, because it would name it (writes refuse that too).
 */
import type { FlagConfiguration, SegmentConfiguration } from '@yardarm/evaluator';
import { tagOf, toStoredText } from './build.ts';
import { clientSegmentKey, hashWith, mayBeClientSide, segmentsOf, toClientFlag, toClientSegment } from './client-view.ts';
import { once } from './once.ts';
import { bodyId, type RuleSetView, type ViewChange } from './rule-set-view.ts';

interface ClientFlag {
  readonly body: ViewChange;
  readonly prerequisites: readonly string[];
  readonly segments: ReadonlySet<string>;
}

/** What the client view is made of: the flags marked for browsers, and every segment, hashed on first use. */
export interface ClientSource {
  readonly flags: ReadonlyMap<string, ClientFlag>;
  readonly segments: ReadonlyMap<string, () => ViewChange | null>;
}

export const emptyClientSource: ClientSource = { flags: new Map(), segments: new Map() };

/** The source after one revision, given as what it changes in the server view. */
export function advanceSource(source: ClientSource, changes: readonly ViewChange[], salt: string): ClientSource {
  const flags = new Map(source.flags);
  const segments = new Map(source.segments);
  for (const change of changes) {
    const { kind, key, storedText } = change;
    if (kind === 'segment') {
      if (storedText === null) segments.delete(key);
      else
        segments.set(
          key,
          once(() => readClientSegment(change, storedText, salt)),
        );
      continue;
    }
    const flag = storedText === null ? null : readClientFlag(change, storedText, salt);
    if (flag === null) flags.delete(key);
    else flags.set(key, flag);
  }
  return { flags, segments };
}

/**
 * What `revision` changes in the client view, from how it stands to how `source` makes it. Only what differs:
 * an edit that a browser cannot see gives an empty list.
 */
export function clientChanges(source: ClientSource, view: RuleSetView, revision: number): readonly ViewChange[] {
  const wanted = new Map<string, ViewChange>();
  for (const { body, prerequisites, segments } of source.flags.values()) {
    if (!prerequisites.every((key) => source.flags.has(key))) continue;
    wanted.set(bodyId('flag', body.key), body);
    for (const key of segments) {
      const segment = source.segments.get(key)?.();
      if (segment) wanted.set(bodyId('segment', segment.key), segment);
    }
  }
  const changes: ViewChange[] = [];
  for (const [id, change] of wanted) if (view.bodies.get(id)?.tag !== change.tag) changes.push(change);
  for (const [id, { kind, key }] of view.bodies) {
    if (!wanted.has(id)) changes.push({ kind, key, revision, tag: tagOf(null), storedText: null, off: null });
  }
  return changes;
}

function readClientFlag(change: ViewChange, storedText: string, salt: string): ClientFlag | null {
  if (!mayBeClientSide(storedText)) return null;
  const flag = JSON.parse(storedText) as FlagConfiguration;
  try {
    return toClientSource(change, flag, salt);
  } catch {
    // Rules that this server cannot read, of a newer one. They cost a browser this flag, and never its kill.
    if (change.off === null) return null;
    const { type, variants, offVariant, clientSide } = flag;
    return toClientSource(change, { type, variants, on: false, offVariant, fallthrough: null, clientSide }, salt);
  }
}

function toClientSource(change: ViewChange, flag: FlagConfiguration, salt: string): ClientFlag | null {
  const visible = toClientFlag(flag, hashWith(salt));
  if (visible === null) return null;
  const text = toStoredText(visible);
  return {
    body: { ...change, tag: tagOf(text), storedText: text },
    prerequisites: (flag.prerequisites ?? []).map((prerequisite) => prerequisite.flag),
    segments: segmentsOf(flag),
  };
}

/**
 * Null: a segment that this server cannot read, of a newer one. A browser answers with its code default where a flag uses it, as with a
 * segment that is missing; the rest of the environment, its kills above all, goes on.
 */
function readClientSegment(change: ViewChange, storedText: string, salt: string): ViewChange | null {
  try {
    const text = toStoredText(toClientSegment(JSON.parse(storedText) as SegmentConfiguration, hashWith(salt)));
    return { ...change, key: clientSegmentKey(change.key, hashWith(salt)), tag: tagOf(text), storedText: text };
  } catch {
    return null;
  }
}

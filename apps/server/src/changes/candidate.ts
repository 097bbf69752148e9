/**
 * The rule set of an environment as a change would leave it, cut down to the part that the change can make or
 * break: what it writes, whatever that refers to, and whoever refers to what it writes. Validating all of a
 * large environment would hold its head lock for too long.
 */
import type { EntityKind, FlagBody, RuleSet, SegmentBody } from '@yardarm/evaluator';
import { sql } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import type { BodyWrite } from './record-change.ts';

export interface StoredText {
  readonly kind: EntityKind;
  readonly key: string;
  /** Canonical text; null: removed. */
  readonly body: string | null;
}
/** By `toId`. */
export type Texts = ReadonlyMap<string, StoredText>;

/**
 * The newest text of every flag and segment. One index lookup per entity, so that a long history costs nothing.
 * The caller holds the environment's head lock.
 */
export async function loadTexts(tx: Tx, environmentId: string): Promise<Texts> {
  const rows = await tx.execute<{ kind: EntityKind; key: string; body: string }>(sql`
    select entity.kind, entity.key, newest.body
    from (
      select 'flag' as kind, f.key from flags f join environments e on e.project_id = f.project_id where e.id = ${environmentId}
      union all
      select 'segment', s.key from segments s join environments e on e.project_id = s.project_id where e.id = ${environmentId}
    ) entity
    cross join lateral (
      select o.body from rule_objects o
      where o.environment_id = ${environmentId} and o.kind = entity.kind and o.key = entity.key
      order by o.revision desc limit 1
    ) newest
    where newest.body is not null`);
  return new Map(rows.map((row) => [toId(row), row]));
}

/** The texts after `writes`. */
export function withWrites(current: Texts, writes: readonly BodyWrite[]): Texts {
  const candidate = new Map(current);
  for (const write of writes) {
    if (write.body === null) candidate.delete(toId(write));
    else candidate.set(toId(write), write);
  }
  return candidate;
}

/** The part of `texts` that can be sound or not because of `writes`, as a rule set to validate. */
export function selectRuleSet(
  header: Pick<RuleSet, 'project' | 'environment'>,
  texts: Texts,
  writes: readonly Pick<StoredText, 'kind' | 'key'>[],
): RuleSet {
  const bodies = new Map<string, FlagBody | SegmentBody>();
  const take = (id: string) => {
    const text = texts.get(id);
    if (text === undefined || text.body === null || bodies.has(id)) return;
    const body = { ...JSON.parse(text.body), ...STAMP } as FlagBody | SegmentBody;
    bodies.set(id, body);
    for (const reference of referencesIn(body)) take(reference);
  };
  for (const id of writes.length > FEW ? texts.keys() : withDependants(texts, writes.map(toId))) take(id);
  const pick = (kind: EntityKind) =>
    Object.fromEntries(
      [...bodies].filter(([id]) => id.startsWith(`${kind}:`)).map(([id, body]) => [id.slice(kind.length + 1), body]),
    );
  return {
    format: 1,
    epoch: 'candidate',
    revision: 1,
    ...header,
    flags: pick('flag') as RuleSet['flags'],
    segments: pick('segment') as RuleSet['segments'],
  };
}

/** Each write and each dependant costs a search of every text; past this, validating everything costs less. */
const FEW = 50;

/** A candidate has no revision yet; the validator asks for a whole body. */
const STAMP = { revision: 1, tag: '0'.repeat(16) };

function toId({ kind, key }: Pick<StoredText, 'kind' | 'key'>): string {
  return `${kind}:${key}`;
}

/** `ids` and whatever refers to one of them, over any number of steps. */
function withDependants(texts: Texts, ids: readonly string[]): ReadonlySet<string> {
  const found = new Set(ids);
  for (const id of found) {
    // Canonical text has one spelling of a reference. Finding it elsewhere too, in a variant's value, only selects more.
    const [kind, key] = splitId(id);
    const reference = `"${kind}":${JSON.stringify(key)}`;
    for (const [other, { body }] of texts) if (body?.includes(reference)) found.add(other);
  }
  return found;
}

function splitId(id: string): [kind: string, key: string] {
  const colon = id.indexOf(':');
  return [id.slice(0, colon), id.slice(colon + 1)];
}

/** Ids of what a body names as prerequisite or segment; total, since old bodies may be anything. */
function referencesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(referencesIn);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) => {
    if ((name === 'flag' || name === 'segment') && typeof value === 'string') return [`${name}:${value}`];
    return referencesIn(value);
  });
}

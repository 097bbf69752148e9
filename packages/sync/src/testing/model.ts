/** A server's history in memory, for tests of both ends: every revision's bodies, rule sets and deltas between any two. */
import type { FlagBody, RuleSet, SegmentBody } from '@yardarm/evaluator';
import { addBody, digestText, emptyDigest } from '../digest.ts';
import type { DeltaMessage, PutBody, RemovedBody, SyncState } from '../messages.ts';

export type Edit =
  | { readonly kind: 'flag'; readonly key: string; readonly on: boolean; readonly value: string; readonly segment?: string }
  | { readonly kind: 'segment'; readonly key: string; readonly include: string }
  | { readonly kind: 'remove'; readonly of: 'flag' | 'segment'; readonly key: string }
  /** A revision that this view cannot see. */
  | { readonly kind: 'elsewhere' };

export const EPOCH = '1000-a';

/** A readable flag: `value` while it is on, "off" while it is not. */
export function flagBody(options: { value?: string; on?: boolean; revision?: number; segment?: string; tag?: string }): FlagBody {
  const { value = 'blue', on = true, revision = 1, segment } = options;
  const rules = segment === undefined ? [] : [{ id: 'r1', when: { segment }, serve: { variant: 'member' } }];
  return {
    type: 'string',
    variants: { off: 'off', shown: value, member: `${value} for members` },
    on,
    offVariant: 'off',
    ...(rules.length > 0 && { rules }),
    fallthrough: { variant: 'shown' },
    revision,
    tag: options.tag ?? tagOf(`${value}:${on}:${segment ?? ''}`),
  };
}

export function segmentBody(options: { include?: string; revision?: number } = {}): SegmentBody {
  const { include = 'user-1', revision = 1 } = options;
  return { include: [include], exclude: [], when: null, revision, tag: tagOf(include) };
}

/** A body of a newer format: it has a tag and a revision, and nothing else that can be relied on. */
export function unreadableFlag(options: { revision: number; on?: boolean; offVariant?: string }): FlagBody {
  const body = flagBody({ revision: options.revision, on: options.on ?? true, tag: tagOf(`unreadable ${options.revision}`) });
  return { ...body, ...(options.offVariant !== undefined && { offVariant: options.offVariant }), requires: ['telepathy'] };
}

export function ruleSetOf(
  revision: number,
  bodies: { flags?: { [key: string]: FlagBody }; segments?: { [key: string]: SegmentBody } } = {},
  epoch = EPOCH,
): RuleSet {
  const { flags = {}, segments = {} } = bodies;
  return { format: 1, project: 'shop', environment: 'test', epoch, revision, flags, segments };
}

export function digestOf(ruleSet: RuleSet): string {
  let digest = emptyDigest;
  for (const [key, body] of Object.entries(ruleSet.flags)) digest = addBody(digest, 'flag', key, body.tag);
  for (const [key, body] of Object.entries(ruleSet.segments)) digest = addBody(digest, 'segment', key, body.tag);
  return digestText(digest);
}

export function stateOf(ruleSet: RuleSet): SyncState {
  return { epoch: ruleSet.epoch, revision: ruleSet.revision, digest: digestOf(ruleSet) };
}

/** What leads from one rule set to a newer one of the same epoch, as a server would send it. */
export function deltaOf(from: RuleSet, to: RuleSet): DeltaMessage {
  const put: PutBody[] = [];
  const remove: RemovedBody[] = [];
  for (const [key, body] of Object.entries(to.flags)) if (from.flags[key] !== body) put.push({ kind: 'flag', key, body });
  for (const [key, body] of Object.entries(to.segments))
    if (from.segments[key] !== body) put.push({ kind: 'segment', key, body });
  for (const key of Object.keys(from.flags)) if (!to.flags[key]) remove.push({ kind: 'flag', key, revision: to.revision });
  for (const key of Object.keys(from.segments))
    if (!to.segments[key]) remove.push({ kind: 'segment', key, revision: to.revision });
  const kill = put.flatMap((change) => {
    if (change.kind !== 'flag' || change.body.on) return [];
    return [{ key: change.key, offVariant: change.body.offVariant, revision: change.body.revision }];
  });
  return { type: 'delta', epoch: to.epoch, from: from.revision, to: to.revision, digest: digestOf(to), kill, put, remove };
}

/** Rule sets of revisions 0, 1, 2, … : the empty one, then one per edit. */
export function historyOf(edits: readonly Edit[], epoch = EPOCH): readonly RuleSet[] {
  const history = [ruleSetOf(0, {}, epoch)];
  for (const edit of edits) history.push(afterEdit(history.at(-1) as RuleSet, edit));
  return history;
}

export function afterEdit(before: RuleSet, edit: Edit): RuleSet {
  const revision = before.revision + 1;
  const flags = { ...before.flags };
  const segments = { ...before.segments };
  if (edit.kind === 'flag') flags[edit.key] = flagBody({ ...edit, revision });
  if (edit.kind === 'segment') segments[edit.key] = segmentBody({ include: edit.include, revision });
  if (edit.kind === 'remove') delete (edit.of === 'flag' ? flags : segments)[edit.key];
  return { ...before, revision, flags, segments };
}

function tagOf(text: string): string {
  let sum = 7;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 0xffffffff;
  return sum.toString(16).padStart(16, '0');
}

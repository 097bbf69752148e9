/**
 * A change as a sentence: `killed recommendations`, `rolled new-checkout from 25 % to 50 % on`. `before` and
 * `after` are the entity as the server recorded it; where a sentence would need members that are not
 * there, it says less instead of failing: the history outlives every version of this page.
 */
import type { Change, FlagEnvironment, Right } from '@yardarm/contract';
import { describeRight } from '../../lib/describe-right.ts';
import { formatPercent, toRollout } from '../../lib/rollout.ts';

export interface ChangeSentence {
  /** Follows the actor's name. */
  readonly verb: string;
  /** The entity's key, to be set apart or linked. */
  readonly entity: string;
  /** Follows the entity. */
  readonly detail: string;
}

const CONFIGURATION_WORDS: Readonly<Record<string, string>> = {
  offVariant: 'the off variant',
  prerequisites: 'the prerequisites',
  targets: 'the targets',
  rules: 'the rules',
  fallthrough: 'what everybody else gets',
  include: 'who is included',
  exclude: 'who is excluded',
  when: 'the condition',
};

/** What was read, by command: the key of such a change is the command again. */
const ACCESS_WORDS: Readonly<Record<string, readonly [verb: string, entity: string]>> = {
  'instance.export': ['took an export of', 'the instance'],
  'audit.checkpoints': ['downloaded', 'the checkpoints'],
};

export function describeChange(change: Change): ChangeSentence {
  const sentence = (verb: string, detail = ''): ChangeSentence => ({ verb, entity: entityName(change), detail });
  switch (change.command) {
    case 'flag.kill':
    case 'flag.kill_many':
      return sentence('killed');
    case 'flag.unkill':
      // Before its first time there was no kill, and nothing here tells the first from the others.
      return sentence('switched on');
    case 'flag.archive':
    case 'flag.archive_many':
      return sentence('archived');
    case 'flag.unarchive':
      return sentence('unarchived');
    case 'flag.snooze':
      return sentence('snoozed');
    case 'flag.unsnooze':
      return sentence('ended the snooze of');
    case 'flag.configure':
      return describeConfiguration(change, sentence);
    case 'flag.copy':
    case 'environment.copy':
      return sentence('copied', 'to');
    case 'environment.new_epoch':
      return sentence('made what the database holds the newest for the SDKs of');
    case 'environment.revert':
      return sentence('took back', 'in');
    case 'change.revert':
      return sentence('reverted a change of');
    case 'segment.configure':
      return sentence(`${changedParts(changedMembers(change))}segment`);
    case 'key.create':
      return sentence('created SDK key');
    case 'key.rotate':
      return sentence(change.before === null ? 'made, to replace another, SDK key' : 'set an end to SDK key');
    case 'key.revoke':
      return sentence('revoked SDK key');
    case 'review.close':
      return sentence('closed the review');
    case 'instance.import':
      return sentence(`imported ${change.kind}`);
    case 'token.revoke':
      return sentence('revoked token');
    case 'user.invite':
      return sentence('invited');
    case 'user.disable':
      return sentence('disabled');
    case 'user.enable':
      return sentence('enabled');
    case 'user.reset':
      return sentence('made a link for a new password of');
    case 'user.set_password':
      return sentence('set the password of');
    default:
      if (change.kind === 'grant')
        return sentence(change.after === null ? 'took a right from' : 'gave a right to', rightWords(change));
      if (change.kind === 'access') return sentence(ACCESS_WORDS[change.command]?.[0] ?? 'read');
      return sentence(`${cameOrWent(change)} ${change.kind}`);
  }
}

/** Of what was neither before nor after, no more is known than that something changed. */
function cameOrWent({ before, after }: Change): string {
  if ((before === null) === (after === null)) return 'changed';
  return before === null ? 'created' : 'deleted';
}

/** The sentence without an actor: `rolled new-checkout from 25 % to 50 % on`. */
export function changeText(change: Change): string {
  const { verb, entity, detail } = describeChange(change);
  return [verb, entity, detail].filter(Boolean).join(' ');
}

/** Top-level members that differ between `before` and `after`, in the order of `after`. */
export function changedMembers(change: Pick<Change, 'before' | 'after'>): string[] {
  const before = toRecord(change.before);
  const after = toRecord(change.after);
  return Object.keys({ ...after, ...before }).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

function describeConfiguration(change: Change, sentence: (verb: string, detail?: string) => ChangeSentence): ChangeSentence {
  const members = changedMembers(change).filter((name) => name in CONFIGURATION_WORDS);
  if (members.length === 1 && members[0] === 'fallthrough') {
    const rolled = rolloutWords(change);
    if (rolled) return sentence('rolled', rolled);
  }
  return sentence(changedParts(members).trimEnd());
}

/** `from 25 % to 50 % on`, where the same variant's percentage moved or a percentage came or went; else null. */
function rolloutWords(change: Change): string | null {
  const before = toServe(change.before);
  const after = toServe(change.after);
  const from = toRollout(before);
  const to = toRollout(after);
  if (to && from && to.variant === from.variant)
    return `from ${formatPercent(from.weight)} to ${formatPercent(to.weight)} ${to.variant}`;
  if (to) return `${to.weight === 0 ? 'back' : 'out'} to ${formatPercent(to.weight)} ${to.variant}`;
  if (after && 'variant' in after) return `out to ${after.variant} for everybody`;
  return null;
}

/** `changed the rules and the targets of `, ready for what they belong to. */
function changedParts(members: readonly string[]): string {
  const words = members.flatMap((name) => CONFIGURATION_WORDS[name] ?? []);
  if (words.length === 0) return 'changed ';
  const last = words.at(-1);
  return `changed ${words.length === 1 ? last : `${words.slice(0, -1).join(', ')} and ${last}`} of `;
}

/** `(editor in shop)`; less where the record has no such members. */
function rightWords(change: Change): string {
  const { role = null, actions, project = null, environment = null } = toRecord(change.after ?? change.before);
  if ((role === null && !Array.isArray(actions)) || (project !== null && typeof project !== 'string')) return '';
  // A role says it all; the actions that it brings are many.
  return `(${describeRight({ role, actions: role === null ? actions : [], project, environment } as Right)})`;
}

/** Kinds whose key is an id that says nothing. */
const NAMED_KINDS: ReadonlySet<Change['kind']> = new Set<Change['kind']>(['key', 'grant', 'webhook', 'token']);

/** What a person knows the entity by. */
function entityName(change: Change): string {
  if (change.kind === 'review') return `of change set ${toRecord(change.after).changeSet ?? '?'}`;
  if (change.kind === 'access') return ACCESS_WORDS[change.command]?.[1] ?? change.key;
  if (!NAMED_KINDS.has(change.kind)) return change.key;
  const recorded = { ...toRecord(change.before), ...toRecord(change.after) };
  const { name } = change.kind === 'grant' ? toRecord(recorded.holder) : recorded;
  return typeof name === 'string' ? name : change.key;
}

function toServe(entity: unknown): FlagEnvironment['fallthrough'] {
  const { fallthrough } = toRecord(entity);
  if (typeof fallthrough !== 'object' || fallthrough === null) return null;
  return 'variant' in fallthrough || 'split' in fallthrough ? (fallthrough as FlagEnvironment['fallthrough']) : null;
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

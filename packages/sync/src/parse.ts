/**
 * Text frames to messages, both directions. Never throws: what cannot be read comes back as a value. Members
 * that are not known are dropped, types that are not known are null, so either end may be newer.
 */
import type { EntityKind, RuleSet } from '@yardarm/evaluator';
import { excessOf, LIMITS, READER_FACTOR } from '@yardarm/evaluator/limits';
import { MAX_BEAT_MS, MAX_RETRY_AFTER_MS, MAX_SPREAD_MS } from './backoff.ts';
import { isIntact } from './frame-sum.ts';
import { isObject } from './is-object.ts';
import {
  type AppInfo,
  CLOSE,
  type ClientMessage,
  DELTAS_PATH,
  type DeltaMessage,
  FORMAT,
  type Kill,
  MAX_REJECTED,
  MAX_TEXT,
  type PutBody,
  type RejectedBody,
  type RemovedBody,
  RULE_SET_PATH,
  type ServerMessage,
  type SyncState,
} from './messages.ts';
import { isRevision, parseKills } from './parse-kills.ts';
import { toStorable } from './storable-text.ts';

/** A frame of a known type that breaks the protocol. */
export interface InvalidMessage {
  readonly type: 'invalid';
  readonly problem: string;
  /** What the server closes the socket with. */
  readonly closeCode: typeof CLOSE.protocol | typeof CLOSE.version;
  /** Kills that could be read out of a delta whose rest could not: they count all the same (rule 4). */
  readonly kills?: { readonly epoch: string; readonly kill: readonly Kill[] };
}

/** UTF-16 units of a text that is parsed at all: twice the 16 MiB that no rule set ever exceeds. */
const MAX_TEXT_UNITS = READER_FACTOR * 16 * 1_024 * 1_024;
/** Most flags that an SDK holds. */
export const MAX_FLAGS = READER_FACTOR * LIMITS.flags;

/** What `deltaPath` makes of an epoch and two revisions: no host, no dots that lead upwards, no query. */
const DELTA_PATH = new RegExp(`^${DELTAS_PATH}/\\d{1,15}-[\\w-]{1,64}/\\d{1,15}\\.\\.\\d{1,15}$`);

type Json = { readonly [member: string]: unknown };

/** A frame that an SDK sent: null for a type this library does not know. */
export function parseClientMessage(text: string): ClientMessage | null | InvalidMessage {
  const frame = parseObject(text);
  if (frame === undefined) return invalid('not a JSON object');
  switch (frame.type) {
    case 'hello':
      return parseHello(frame);
    case 'applied': {
      const state = parseSyncState(frame);
      return state === undefined ? invalid('applied without epoch, revision and digest') : { type: 'applied', ...state };
    }
    case 'rejected':
      if (!isRevision(frame.revision) || !Array.isArray(frame.errors)) return invalid('rejected without revision and errors');
      return {
        type: 'rejected',
        ...(isText(frame.epoch) && { epoch: frame.epoch.slice(0, MAX_TEXT) }),
        revision: frame.revision,
        errors: frame.errors.slice(0, MAX_REJECTED).flatMap(parseRejected),
      };
    default:
      return typeof frame.type === 'string' ? null : invalid('no type');
  }
}

/** A frame that a server sent: null for a type this library does not know. */
export function parseServerMessage(text: string): ServerMessage | null | InvalidMessage {
  const frame = parseObject(text);
  if (frame === undefined) return invalid('not a JSON object');
  if (!isIntact(text)) return invalid('damaged');
  switch (frame.type) {
    case 'welcome':
      return parseWelcome(frame);
    case 'delta':
      return parseDelta(frame);
    case 'beat': {
      const state = parseSyncState(frame);
      return state === undefined ? invalid('beat without epoch, revision and digest') : { type: 'beat', ...state };
    }
    case 'resync':
      return parseResync(frame);
    case 'goodbye': {
      const { pollMs } = frame;
      return {
        type: 'goodbye',
        reason: isText(frame.reason) ? frame.reason : '',
        retryAfterMs: upTo(MAX_RETRY_AFTER_MS, frame.retryAfterMs),
        spreadMs: upTo(MAX_RETRY_AFTER_MS, frame.spreadMs),
        ...(isDuration(pollMs) && { pollMs }),
      };
    }
    default:
      return typeof frame.type === 'string' ? null : invalid('no type');
  }
}

/**
 * The body of `GET /sync/v1/ruleset`. Checks what the replica needs (position, and revision and tag of every
 * body); whether a body's rules can be read is the evaluator's to say, one body at a time.
 */
export function parseRuleSet(text: string): RuleSet | InvalidMessage {
  const json = parseObject(text);
  return json === undefined ? invalid('not a JSON object') : toRuleSet(json);
}

/** The same of what is parsed already. */
export function toRuleSet(json: Json): RuleSet | InvalidMessage {
  const { format, project, environment, epoch, revision, flags, segments } = json;
  if (format !== FORMAT) return invalid(`not a rule set of format ${FORMAT}`, CLOSE.version);
  if (!isText(project) || !isText(environment) || !isText(epoch) || epoch === '' || !isRevision(revision)) {
    return invalid('rule set without project, environment, epoch and revision');
  }
  if (!isObject(flags) || !isObject(segments)) return invalid('rule set without flags and segments');
  const problem = problemOf(flags, segments);
  if (problem !== undefined) return invalid(problem);
  const hashing = isObject(json.hashing) && isText(json.hashing.salt) ? { salt: json.hashing.salt } : undefined;
  const bodies = { flags, segments } as Pick<RuleSet, 'flags' | 'segments'>;
  return { format, project, environment, epoch, revision, ...bodies, ...(hashing !== undefined && { hashing }) };
}

function parseHello(frame: Json): ClientMessage | InvalidMessage {
  const formats = Array.isArray(frame.formats) ? frame.formats.filter(isRevision) : [];
  if (frame.protocol !== 1) return invalid('this server speaks protocol 1', CLOSE.version);
  if (!formats.includes(FORMAT)) return invalid(`this server speaks format ${FORMAT}`, CLOSE.version);
  if (!isText(frame.sdk) || !isText(frame.instance) || frame.instance === '') return invalid('hello without sdk and instance');
  const have = frame.have === undefined || frame.have === null ? undefined : parseSyncState(frame.have);
  if (frame.have && have === undefined) return invalid('hello with a malformed have');
  return {
    type: 'hello',
    protocol: 1,
    formats,
    sdk: toText(frame.sdk),
    app: parseApp(frame.app),
    instance: toText(frame.instance),
    ...(have !== undefined && { have }),
  };
}

function parseApp(value: unknown): AppInfo {
  if (!isObject(value)) return {};
  const { name, version, commit } = value;
  return {
    ...(isText(name) && { name: toText(name) }),
    ...(isText(version) && { version: toText(version) }),
    ...(isText(commit) && { commit: toText(commit) }),
  };
}

function parseRejected(value: unknown): readonly RejectedBody[] {
  if (!isObject(value) || !isKind(value.kind) || !isText(value.key) || !isText(value.code) || !isText(value.path)) return [];
  const { kind, key, code, path, keptRevision } = value;
  return [
    {
      kind,
      key: toText(key),
      code: toText(code),
      path: toText(path),
      keptRevision: isRevision(keptRevision) ? keptRevision : null,
    },
  ];
}

function parseWelcome(frame: Json): ServerMessage | InvalidMessage {
  const state = parseSyncState(frame);
  const { format, view, beatMs, now } = frame;
  if (state === undefined || !isDuration(beatMs) || beatMs < 1 || typeof now !== 'number' || !Number.isFinite(now)) {
    return invalid('welcome without its state, beatMs and now');
  }
  if (format !== FORMAT || (view !== 'server' && view !== 'client')) {
    return invalid('welcome in an unknown format or view', CLOSE.version);
  }
  return { type: 'welcome', format, view, beatMs: upTo(MAX_BEAT_MS, beatMs), now, ...state };
}

function parseDelta(frame: Json): DeltaMessage | InvalidMessage {
  const { epoch, from, to, digest } = frame;
  if (!isText(epoch)) return invalid('delta without epoch');
  const kill = parseKills(frame.kill);
  const unusable = { ...invalid('malformed delta'), kills: { epoch, kill } };
  if (!isRevision(from) || !isRevision(to) || !isText(digest)) return unusable;
  if (!Array.isArray(frame.put) || !frame.put.every(isPut)) return unusable;
  if (!Array.isArray(frame.remove) || !frame.remove.every(isRemoved)) return unusable;
  for (const { kind, key, body } of frame.put as readonly PutBody[]) {
    const excess = excessOf(kind, body, READER_FACTOR);
    if (excess !== undefined)
      return { ...unusable, problem: `delta in which ${kind} '${toText(key)}' exceeds the limit of ${excess}` };
  }
  return { type: 'delta', epoch, from, to, digest, kill, put: frame.put, remove: frame.remove };
}

function parseResync(frame: Json): ServerMessage {
  const { reason } = frame;
  // The key travels with what is fetched, so that nobody who writes a frame may choose where to: a delta's address or nothing.
  const url = isText(frame.url) && DELTA_PATH.test(frame.url) ? frame.url : RULE_SET_PATH;
  const known = reason === 'too_old' || reason === 'epoch' || reason === 'digest';
  return { type: 'resync', reason: known ? reason : 'gap', url, spreadMs: upTo(MAX_SPREAD_MS, frame.spreadMs) };
}

/** Epoch, revision and digest out of any object; undefined when one is missing. */
function parseSyncState(value: unknown): SyncState | undefined {
  if (!isObject(value) || !isText(value.epoch) || value.epoch === '' || value.epoch.length > MAX_TEXT) return undefined;
  if (!isRevision(value.revision) || !isText(value.digest) || value.digest.length > MAX_TEXT) return undefined;
  return { epoch: toStorable(value.epoch), revision: value.revision, digest: toStorable(value.digest) };
}

/**
 * A body without what the digest and the order need; or what is beyond the limits of a reader: a set of that size is not taken
 * apart, since its very size may be the fault.
 */
function problemOf(flags: Json, segments: Json): string | undefined {
  const count = Object.keys(flags).length;
  if (count > MAX_FLAGS) return `rule set with ${count} flags, more than ${MAX_FLAGS}; the rule set was refused whole`;
  return problemIn('flag', flags) ?? problemIn('segment', segments);
}

function problemIn(kind: EntityKind, bodies: Json): string | undefined {
  for (const key of Object.keys(bodies)) {
    const body = bodies[key];
    if (!isStampedBody(body)) return 'rule set with a body without revision and tag';
    const excess = excessOf(kind, body, READER_FACTOR);
    if (excess !== undefined)
      return `rule set in which ${kind} '${toText(key)}' exceeds the limit of ${excess}; the rule set was refused whole`;
  }
  return undefined;
}

/** After the cut, which may go through a pair. */
function toText(text: string): string {
  return toStorable(text.slice(0, MAX_TEXT));
}

function parseObject(text: string): Json | undefined {
  if (text.length > MAX_TEXT_UNITS) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function invalid(problem: string, closeCode: InvalidMessage['closeCode'] = CLOSE.protocol): InvalidMessage {
  return { type: 'invalid', problem, closeCode };
}

function isPut(value: unknown): value is PutBody {
  return isObject(value) && isKind(value.kind) && isText(value.key) && isStampedBody(value.body);
}

/** What the digest and the order need of a body; whether the rest can be read is the evaluator's to say. */
function isStampedBody(value: unknown): boolean {
  return isObject(value) && isText(value.tag) && isRevision(value.revision);
}

function isRemoved(value: unknown): value is RemovedBody {
  return isObject(value) && isKind(value.kind) && isText(value.key) && isRevision(value.revision);
}

function isKind(value: unknown): value is EntityKind {
  return value === 'flag' || value === 'segment';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 24 * 60 * 60 * 1000;
}

/** What neither a server nor a damaged frame may exceed; 0 for what is no duration. */
function upTo(most: number, value: unknown): number {
  return isDuration(value) ? Math.min(value, most) : 0;
}

/**
 * Rows to bodies to rule set, pure. A body is stored once per change as canonical text without revision and
 * tag, and everything that is served (rule sets, deltas, views) is spliced together from that text, so that
 * a revision renders to the same bytes wherever and whenever it is rendered.
 */

import { createHash } from 'node:crypto';
import type { FlagConfigurationInput, ServeInput } from '@yardarm/contract';
import type {
  EntityKind,
  FlagConfiguration,
  FlagType,
  FlagValue,
  RuleSet,
  SegmentConfiguration,
  Serve,
} from '@yardarm/evaluator';
import { FORMAT } from '@yardarm/sync';
import { canonicalJson } from './canonical-json.ts';

/** The project's half of a flag, as far as bodies are made of it; a row of `flags` fits. */
export interface FlagHalf {
  readonly type: FlagType;
  readonly kind: string;
  readonly variants: { readonly [variant: string]: FlagValue };
  readonly clientSide: boolean;
  readonly owner: string | null;
  readonly salt: string;
}

/** The environment's half; a row of `flag_environments` fits. */
export type FlagEnvironmentHalf = Omit<FlagConfigurationInput, 'rules' | 'fallthrough'> & {
  readonly on: boolean;
  readonly rules: FlagConfigurationInput['rules'];
  readonly fallthrough: ServeInput | null;
};

/** A body as it is served: canonical text with revision and tag spliced in. */
export interface ServedBody {
  readonly kind: EntityKind;
  readonly key: string;
  /** Environment revision at which it last changed. */
  readonly revision: number;
  readonly tag: string;
  /** JSON text of the whole body. */
  readonly text: string;
  /** Of flags that are off: what they serve. Null for everything else. */
  readonly off: { readonly variant: string | null } | null;
}

/** Identity of a rule set in front of its bodies. */
export type RuleSetHeader = Pick<RuleSet, 'project' | 'environment' | 'epoch' | 'revision' | 'hashing'>;

/** Wire configuration of a flag in one environment: empty lists left out, every split with its salt. */
export function toFlagConfiguration(flag: FlagHalf, environment: FlagEnvironmentHalf): FlagConfiguration {
  const { prerequisites, targets, rules, fallthrough } = environment;
  return {
    type: flag.type,
    variants: flag.variants,
    on: environment.on,
    offVariant: environment.offVariant,
    ...(prerequisites.length > 0 && { prerequisites }),
    ...(targets.length > 0 && { targets }),
    ...(rules.length > 0 && {
      rules: rules.map((rule) => ({ id: rule.id, when: rule.when, serve: withSalt(rule.serve, flag.salt) })),
    }),
    fallthrough: fallthrough === null ? null : withSalt(fallthrough, flag.salt),
    metadata: { kind: flag.kind, ...(flag.owner !== null && { owner: flag.owner }) },
    ...(flag.clientSide && { clientSide: true }),
  };
}

/** Wire configuration of a segment in one environment; a row of `segment_environments` fits. */
export function toSegmentConfiguration(segment: SegmentConfiguration): SegmentConfiguration {
  return { include: segment.include, exclude: segment.exclude, when: segment.when };
}

/** What `rule_objects.body` stores. */
export function toStoredText(configuration: FlagConfiguration | SegmentConfiguration): string {
  return canonicalJson(configuration);
}

/** 64-bit hash of a stored text, 16 hex digits; a removal (null) has the tag of the empty text. */
export function tagOf(storedText: string | null): string {
  return createHash('sha256')
    .update(storedText ?? '')
    .digest('hex')
    .slice(0, 16);
}

/** Stored text to served text: the same members, then revision and tag. */
export function renderBody(storedText: string, revision: number, tag: string): string {
  const members = storedText.slice(0, -1);
  return `${members}${members === '{' ? '' : ','}"revision":${revision},"tag":"${tag}"}`;
}

/** Served text to stored text: the inverse of `renderBody`. */
export function storedTextOf({ text, revision, tag }: Pick<ServedBody, 'text' | 'revision' | 'tag'>): string {
  const members = text.slice(0, 1 - renderBody('{}', revision, tag).length);
  return `${members.endsWith(',') ? members.slice(0, -1) : members}}`;
}

/** Whole rule set as JSON text, bodies sorted by key, so that equal states have equal bytes. */
export function renderRuleSet(header: RuleSetHeader, bodies: Iterable<ServedBody>): string {
  const flags: ServedBody[] = [];
  const segments: ServedBody[] = [];
  for (const body of bodies) (body.kind === 'flag' ? flags : segments).push(body);
  const { project, environment, epoch, revision, hashing } = header;
  const head = canonicalJson({ format: FORMAT, project, environment, epoch, revision, hashing });
  return `${head.slice(0, -1)},"flags":${renderMembers(flags)},"segments":${renderMembers(segments)}}`;
}

function renderMembers(bodies: ServedBody[]): string {
  const members = bodies.sort((a, b) => (a.key < b.key ? -1 : 1)).map((body) => `${JSON.stringify(body.key)}:${body.text}`);
  return `{${members.join(',')}}`;
}

function withSalt(serve: ServeInput, salt: string): Serve {
  if ('variant' in serve) return { variant: serve.variant };
  const { by, hash, weights } = serve.split;
  return { split: { by, salt: serve.split.salt ?? salt, hash, weights } };
}

/** Segments, whose lists name contexts of any kind there and targeting keys here, and which may use each other there. */
import type { SegmentConfigurationInput } from '@yardarm/contract';
import type { Condition } from '@yardarm/evaluator';
import { ALWAYS, allOf, anyOf, isOneOf, NEVER, not } from '../conditions.ts';
import { keyPath, type Scope } from './attribute.ts';
import { clausesCondition } from './clause.ts';
import type { FileSegment } from './read-file.ts';
import type { LdSegment } from './shapes.ts';

type SegmentsByKey = ReadonlyMap<string, FileSegment>;

const FULL_WEIGHT = 100_000;

export function segmentConfiguration(found: FileSegment, segments: SegmentsByKey, scope: Scope): SegmentConfigurationInput {
  const { included, excluded, includedKinds, excludedKinds, rules } = partsOf(
    found,
    segments,
    scope,
    new Set([found.segment.key]),
  );
  // Whoever is included by another kind is in, though the user is excluded: then the exclusion must wait in the condition.
  if (includedKinds.length > 0) {
    const notExcluded = excluded.length > 0 ? [not(isOneOf('targetingKey', excluded))] : [];
    return {
      include: included,
      exclude: [],
      when: anyOf([...includedKinds, allOf([...notExcluded, ...excludedKinds.map(not), rules])]),
    };
  }
  return { include: included, exclude: excluded, when: isNever(rules) ? null : allOf([...excludedKinds.map(not), rules]) };
}

/** A segment inside another, written out. `path`: the segments around it. */
function segmentInside(key: string, place: string, segments: SegmentsByKey, scope: Scope, path: ReadonlySet<string>): Condition {
  const found = segments.get(key);
  if (found === undefined || path.has(key)) {
    const sentence = path.has(key)
      ? `Segment '${key}' uses itself, so that LaunchDarkly serves the code default; take that out.`
      : `Segment '${key}' is not in the file; export it too.`;
    scope.refuse(place, sentence);
    return NEVER;
  }
  const { included, excluded, includedKinds, excludedKinds, rules } = partsOf(found, segments, scope, new Set([...path, key]));
  const listed = included.length > 0 ? [isOneOf('targetingKey', included)] : [];
  const unlisted = excluded.length > 0 ? [not(isOneOf('targetingKey', excluded))] : [];
  return anyOf([...listed, ...includedKinds, allOf([...unlisted, ...excludedKinds.map(not), rules])]);
}

/** The lists of users, those of other kinds as conditions, and the rules. */
function partsOf({ segment, place }: FileSegment, segments: SegmentsByKey, scope: Scope, path: ReadonlySet<string>) {
  if (segment.unbounded === true)
    scope.refuse(
      `${place}/unbounded`,
      'It is a big segment, whose members are not in the file; keep them as an attribute of the context.',
    );
  const rules = segment.rules.map(({ clauses, weight }, index) => {
    const at = `${place}/rules/${index}`;
    if (typeof weight === 'number' && weight < FULL_WEIGHT) {
      scope.refuse(
        `${at}/weight`,
        'A rule takes a share of those whom it matches; a segment here takes all or none: split in the flag instead.',
      );
      return NEVER;
    }
    return clausesCondition(clauses, `${at}/clauses`, scope, (key, where) => segmentInside(key, where, segments, scope, path));
  });
  const kinds = (lists: LdSegment['includedContexts'], at: string): Condition[] =>
    lists.flatMap((list, index) => {
      if (isOfUsers(list) || list.values.length === 0) return [];
      const where = keyPath(list.contextKind, `${place}/${at}/${index}`, scope);
      return where === null ? [] : [isOneOf(where, list.values)];
    });
  return {
    included: users(segment.included, segment.includedContexts),
    excluded: users(segment.excluded, segment.excludedContexts),
    includedKinds: kinds(segment.includedContexts, 'includedContexts'),
    excludedKinds: kinds(segment.excludedContexts, 'excludedContexts'),
    rules: rules.some(isAlways) ? ALWAYS : anyOf(rules),
  };
}

function users(keys: readonly string[], lists: LdSegment['includedContexts']): string[] {
  // A key is never empty, there or here.
  return [...keys, ...lists.filter(isOfUsers).flatMap(({ values }) => values)].filter((key) => key !== '');
}

function isOfUsers({ contextKind }: LdSegment['includedContexts'][number]): boolean {
  return (contextKind ?? 'user') === 'user';
}

function isNever(condition: Condition): boolean {
  return 'any' in condition && condition.any.length === 0;
}

function isAlways(condition: Condition): boolean {
  return 'all' in condition && condition.all.length === 0;
}

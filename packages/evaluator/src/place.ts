/**
 * Places in a body that is being compiled: what is there, and where that is. What a body must have is asked for place
 * by place, and whatever is not as it has to be is reported with its path.
 */
import type { Issue, IssueCode, Linker } from './compiled.ts';
import { isObject, ownMember } from './json.ts';
import type { EntityKind } from './rule-set.ts';

export interface Place {
  readonly json: unknown;
  /** JSON Pointer into the rule set. */
  readonly path: string;
  readonly body: Body;
}

/** What all places of one body share. */
export interface Body {
  readonly kind: Issue['kind'];
  readonly key: string;
  readonly linker: Linker;
  /** Defects reported so far. */
  readonly issues: Issue[];
  /** Slots of the segments that the conditions use, each with the path of its first use. */
  readonly segments: Map<number, string>;
}

/** The place of a whole body. */
export function placeOf(kind: EntityKind, key: string, json: unknown, linker: Linker): Place {
  return { json, path: bodyPath(kind, key), body: { kind, key, linker, issues: [], segments: new Map() } };
}

/** The place of a member or element. */
export function at({ json, path, body }: Place, member: string | number): Place {
  return { json: ownMember(json, member), path: `${path}/${member}`, body };
}

export function report({ path, body: { kind, key, issues } }: Place, code: IssueCode): void {
  issues.push({ code, path, kind, key, unreadable: true });
}

/** What is at the place if it is as it has to be; else that is reported, and the answer undefined. */
export function read<Json>(place: Place, isRight: (json: unknown) => boolean, code: IssueCode = 'malformed'): Json | undefined {
  if (isRight(place.json)) return place.json as Json;
  report(place, code);
  return undefined;
}

/** Reports a body that is no object, or needs features that this reader would have to know; so far it knows none by name. */
export function checkBody(place: Place): void {
  read(place, isObject);
  const requires = at(place, 'requires');
  if (list(requires).length > 0) report(requires, 'unsupported');
}

/** The array at the place; an absent one is empty, anything else is reported and empty. */
export function list(place: Place): readonly unknown[] {
  return (place.json !== undefined && read<readonly unknown[]>(place, Array.isArray)) || [];
}

/** The places of the elements of such an array. */
export function elements(place: Place): readonly Place[] {
  return list(place).map((_, index) => at(place, index));
}

/** JSON Pointer to a body in the rule set. */
export function bodyPath(kind: EntityKind, key: string): string {
  return `/${kind}s/${escapeStep(key)}`;
}

/** A member's name as a step of a JSON Pointer. */
export function escapeStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

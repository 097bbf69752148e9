import type { Issue } from './compiled.ts';
import type { Report } from './json.ts';
import type { EntityKind } from './rule-set.ts';

/** JSON Pointer to a body in the rule set. */
export function bodyPath(kind: EntityKind, key: string): string {
  return `/${kind}s/${escapeStep(key)}`;
}

/** A member's name as a step of a JSON Pointer. */
export function escapeStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Report that collects the defects of one body. */
export function bodyReport(kind: EntityKind, key: string, issues: Issue[]): Report {
  return (code, path) => issues.push({ code, path: bodyPath(kind, key) + path, kind, key, unreadable: true });
}

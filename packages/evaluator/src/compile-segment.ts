/** From a segment's body to a closure. `include` wins over `exclude`, and both over `when`. */
import { readTargetingKey, unitText } from './attribute.ts';
import { compileCondition } from './compile-condition.ts';
import type { CompiledSegment, Issue, Linker, Test } from './compiled.ts';
import { hashValue } from './hash.ts';
import { checkRequires, isObject, type Report } from './json.ts';
import { passes } from './passes.ts';
import { bodyReport } from './report.ts';
import { listSalt, readUnits } from './units.ts';

const NEVER: Test = () => false;

export function compileSegment(key: string, body: unknown, linker: Linker): CompiledSegment {
  const issues: Issue[] = [];
  return { issues, test: compileTest(body, linker, bodyReport('segment', key, issues)) };
}

function compileTest(body: unknown, linker: Linker, report: Report): Test {
  if (!isObject(body)) {
    report('malformed', '');
    return NEVER;
  }
  checkRequires(body, report);
  const salt = listSalt(body, '', linker, report);
  const included = new Set(readUnits(body.include, '/include', report));
  const excluded = new Set(readUnits(body.exclude, '/exclude', report));
  const when = body.when === null ? undefined : compileCondition(body.when, '/when', { linker, report, segments: undefined });
  const hasLists = included.size + excluded.size > 0;
  return (context, nowMs, rules) => {
    const unit = hasLists ? unitText(readTargetingKey(context)) : undefined;
    if (unit !== undefined) {
      const listed = salt === undefined ? unit : hashValue(salt, unit);
      if (included.has(listed)) return true;
      if (excluded.size > 0 && excluded.has(listed)) return false;
    }
    return when !== undefined && passes(when, context, nowMs, rules);
  };
}

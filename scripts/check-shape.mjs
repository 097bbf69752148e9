/** House rules that no linter knows: file length, `any`, suppressed checks, and work left without an issue. */
import { readFileSync } from 'node:fs';
import { isMain, report, repositoryFiles, root } from './source-files.mjs';

const MAX_LINES = 400;
/** The words with which a header claims the right to be longer. */
const REASON = /over 400 lines because/i;
const IN_CODE = [
  [/(?::|\bas|<)\s*any\b(?!['"\w])/, 'any'],
  [/@ts-(?:ignore|nocheck)/, 'a suppressed type check'],
];
const ANYWHERE = [[/\b(?:TODO|FIXME)\b(?!\(#\d+\))/, 'work left without an issue: write TODO(#issue)']];
const COMMENT_LINE = /^\s*(?:\*|\/\*)/;

export function shapeFindings(path, text) {
  const findings = [];
  const lines = text.split('\n');
  if (lines.length - 1 > MAX_LINES && !REASON.test(lines.slice(0, 15).join('\n')))
    findings.push(`${path} has ${lines.length - 1} lines; split it, or say in its header why it is over ${MAX_LINES} lines`);
  lines.forEach((line, index) => {
    for (const [pattern, what] of COMMENT_LINE.test(line) ? ANYWHERE : [...IN_CODE, ...ANYWHERE])
      if (pattern.test(line)) findings.push(`${path}:${index + 1} has ${what}`);
  });
  return findings;
}

if (isMain(import.meta.url)) {
  const files = repositoryFiles().filter(
    (path) => /\.(ts|tsx|mjs)$/.test(path) && path !== 'scripts/check-shape.mjs' && path !== 'scripts/checks.test.ts',
  );
  report(
    'shape',
    files.flatMap((path) => shapeFindings(path, readFileSync(`${root}/${path}`, 'utf8'))),
  );
}

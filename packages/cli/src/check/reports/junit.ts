/** JUnit XML as CI systems read it: a test per flag and kind of finding. An error is a failure, a warning stands in the output. */
import { groupBy } from '../../group-by.ts';
import type { Finding } from '../findings.ts';
import { countOf, pathOf, type Report } from './report.ts';

export function junitReport(report: Report): string {
  const cases = groupBy(report.findings, ({ code, flag }) => `${code}: ${flag}`);
  const failures = [...cases.values()].filter((findings) => countOf(findings, 'error') > 0).length;
  // A report of no test is a report that was not made, to some readers.
  const tests = cases.size === 0 ? [`    <testcase name="no findings" classname="yardarm.check" time="0"/>`] : [];
  for (const [name, findings] of cases) tests.push(...testOf(name, findings, report));
  const counts = `tests="${Math.max(1, cases.size)}" failures="${failures}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites>`,
    `  <testsuite name="yardarm check ${xml(report.project)}" ${counts} skipped="0" time="0">`,
    ...tests,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testOf(name: string, findings: readonly Finding[], report: Report): string[] {
  const lines = findings.map(({ place, message }) =>
    place === null ? message : `${pathOf(place, report)}:${place.line}: ${message}`,
  );
  const [first] = findings;
  const isFailure = countOf(findings, 'error') > 0;
  const text = xml(lines.join('\n'));
  return [
    `    <testcase name="${xml(name)}" classname="yardarm.check" time="0">`,
    isFailure
      ? `      <failure message="${xml(first?.message ?? '')}" type="${xml(first?.code ?? '')}">${text}</failure>`
      : `      <system-out>${text}</system-out>`,
    '    </testcase>',
  ];
}

/** What XML has no place for at all, such as a form feed, is left out. */
function xml(text: string): string {
  return [...text]
    .filter((letter) => letter >= ' ' || letter === '\n' || letter === '\t')
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

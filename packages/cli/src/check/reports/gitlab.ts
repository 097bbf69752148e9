/**
 * GitLab's code quality report, a subset of the Code Climate specification. It shows lines alone, so that findings without
 * one, all of them warnings, are left out.
 */
import { createHash } from 'node:crypto';
import { pathOf, type Report } from './report.ts';

export function gitlabReport(report: Report): string {
  const seen = new Map<string, number>();
  const issues = report.findings.flatMap(({ code, severity, flag, message, place }) => {
    if (place === null) return [];
    const path = pathOf(place, report);
    const name = `${code} ${flag} ${path}`;
    const index = seen.get(name) ?? 0;
    seen.set(name, index + 1);
    return [
      {
        description: message,
        check_name: `yardarm/${code}`,
        // Without the line, so that a finding stays the same one when lines are added above it.
        fingerprint: createHash('sha256').update(`${name} ${index}`).digest('hex'),
        severity: severity === 'error' ? 'major' : 'minor',
        location: { path, lines: { begin: place.line } },
      },
    ];
  });
  return JSON.stringify(issues, null, 2);
}

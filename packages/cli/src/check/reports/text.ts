import { counted } from '../../counted.ts';
import { countOf, pathOf, type Report } from './report.ts';

/** `file:line:column: severity: sentence [code]`, which terminals and editors make links of. */
export function textReport(report: Report): string {
  const lines = report.findings.map(({ place, severity, message, code }) => {
    const where = place === null ? '' : `${printable(pathOf(place, report))}:${place.line}:${place.column}: `;
    return `${where}${severity}: ${message} [${code}]`;
  });
  const errors = countOf(report.findings, 'error');
  const total =
    report.findings.length === 0
      ? `No finding in ${counted(report.files, 'file')}.`
      : `${counted(errors, 'error')}, ${counted(report.findings.length - errors, 'warning')} in ${counted(report.files, 'file')}.`;
  return [...lines, total].join('\n');
}

/** A name may hold a line break, and what stands behind that would be a finding of its own. */
function printable(path: string): string {
  return path.replaceAll(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1));
}

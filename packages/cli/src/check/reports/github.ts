/** Workflow commands of GitHub Actions, which become annotations of the lines. */
import { FINDINGS } from '../findings.ts';
import { pathOf, type Report } from './report.ts';

export function githubReport(report: Report): string {
  return report.findings
    .map(({ code, severity, flag, message, place }) => {
      const title = `title=${property(`${FINDINGS[code]}: ${flag}`)}`;
      const where = place === null ? '' : `file=${property(pathOf(place, report))},line=${place.line},col=${place.column},`;
      return `::${severity} ${where}${title}::${data(message)}`;
    })
    .join('\n');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A property ends at a comma or colon. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

import { countOf, type Report } from './report.ts';

/** Version of the output; grows when a member changes its meaning or goes away. Its schema: packages/cli/schemas. */
const JSON_VERSION = 1;

export function jsonReport(report: Report): string {
  const { project, findings, files, prefix } = report;
  return JSON.stringify({
    version: JSON_VERSION,
    project,
    files,
    errors: countOf(findings, 'error'),
    warnings: countOf(findings, 'warning'),
    findings: findings.map(({ place, ...finding }) => ({
      ...finding,
      place: place && { ...place, file: `${prefix}${place.file}` },
    })),
  });
}

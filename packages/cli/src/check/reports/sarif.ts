/** SARIF 2.1.0, the form in which GitHub's code scanning and editors read findings. */
import { FINDINGS } from '../findings.ts';
import { pathOf, type Report } from './report.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

export function sarifReport(report: Report): string {
  const rules = Object.entries(FINDINGS).map(([id, text]) => ({ id, shortDescription: { text: `${text}.` } }));
  const results = report.findings.map(({ code, severity, flag, message, place }) => ({
    ruleId: code,
    ruleIndex: rules.findIndex(({ id }) => id === code),
    level: severity,
    message: { text: message },
    ...(place !== null && {
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: encodeURI(pathOf(place, report)), uriBaseId: '%SRCROOT%' },
            region: { startLine: place.line, startColumn: place.column },
          },
        },
      ],
    }),
    partialFingerprints: { 'yardarm/v1': `${code}:${flag}:${place?.file ?? ''}` },
  }));
  const driver = { name: 'yardarm', semanticVersion: report.version, rules };
  return JSON.stringify(
    { $schema: SCHEMA, version: '2.1.0', runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }] },
    null,
    2,
  );
}

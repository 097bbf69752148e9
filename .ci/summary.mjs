// @ts-check
/** Reads vitest's JSON report and ends with "N passed, N failed". A run that broke outside of its tests counts as a failure. */
import { readFileSync } from 'node:fs';

const [reportPath = '', exitCode = '1'] = process.argv.slice(2);
const { passed, failed, skipped } = countTests(readFileSync(reportPath, 'utf8'), exitCode === '0');

if (skipped > 0) console.log(`\n${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/**
 * @param {string} text report, empty where vitest never got to write it
 * @param {boolean} clean whether the run ended with exit code 0
 */
function countTests(text, clean) {
  const report = text === '' ? null : JSON.parse(text);
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  // A file that does not load has no test to fail.
  const unloaded = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: unknown[] }} */ file) =>
      file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + unloaded;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !clean ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

import { stat } from 'node:fs/promises';
import type { ApiClient } from '../api-client.ts';
import { type ExpiryFinding, expiryFindings } from '../expiry-findings.ts';
import { findReferences, type Reference } from '../find-references.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output, UsageError } from '../usage.ts';

/** Version of the JSON output; grows when a member changes its meaning or goes away. */
const JSON_VERSION = 1;

interface PlacedFinding extends ExpiryFinding {
  /** An expired flag fails the build as long as the code names it; afterwards it only waits to be archived. */
  readonly severity: 'error' | 'warning';
  readonly references: readonly Place[];
}
type Place = Pick<Reference, 'file' | 'line'>;

/** Fails (exit 1) on expired flags that the code still names, warns about the others, and says where each stands. */
export async function check(client: ApiClient, options: Options, today: string, output: Output): Promise<number> {
  const project = required(options.project, '--project');
  await requireDirectory(options.source);
  const expiring = expiryFindings(await client.listFlags(project), today, options.warnDays);
  const keys = expiring.map((finding) => finding.flag);
  const references = await findReferences(options.source, keys);
  const findings = expiring.map((finding) => placed(finding, references));
  if (options.json) output.out(JSON.stringify({ version: JSON_VERSION, project, findings }));
  else printFindings(findings, output);
  return findings.some(({ severity }) => severity === 'error') ? EXIT.findings : EXIT.clean;
}

async function requireDirectory(path: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) throw new UsageError(`--source takes a directory, and '${path}' is none.`);
}

function placed(finding: ExpiryFinding, all: readonly Reference[]): PlacedFinding {
  const references = all.filter(({ flag }) => flag === finding.flag).map(({ file, line }) => ({ file, line }));
  return { ...finding, severity: finding.code === 'expired' && references.length > 0 ? 'error' : 'warning', references };
}

function printFindings(findings: readonly PlacedFinding[], output: Output): void {
  for (const finding of findings) {
    const sentence = describe(finding);
    if (finding.references.length === 0) output.out(sentence);
    for (const { file, line } of finding.references) output.out(`${file}:${line}: ${sentence}`);
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  output.out(
    findings.length === 0
      ? 'No flag is expired or about to expire.'
      : `${errors} to remove, ${findings.length - errors} warnings.`,
  );
}

function describe({ code, severity, flag, owner, expiresOn, daysLeft, references }: PlacedFinding): string {
  const whose = owner === null ? 'nobody owns it' : `owner ${owner}`;
  const start = `${severity}: flag '${flag}'`;
  if (code === 'expiring') return `${start} expires on ${expiresOn}, ${inDays(daysLeft)} (${whose}).`;
  const since = `${start} expired on ${expiresOn} (${whose})`;
  return references.length > 0
    ? `${since}: remove it from the code, or move its expiry.`
    : `${since}; no quoted reference below the source directory.`;
}

function inDays(days: number): string {
  return days === 0 ? 'today' : `in ${days} ${days === 1 ? 'day' : 'days'}`;
}

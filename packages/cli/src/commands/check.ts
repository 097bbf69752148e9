import type { ApiClient } from '../api-client.ts';
import { type ExpiryFinding, expiryFindings } from '../expiry-findings.ts';
import { findReferences, type Reference } from '../find-references.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output } from '../usage.ts';

/** Version of the JSON output; grows when a member changes its meaning or goes away. */
const JSON_VERSION = 1;

/** Fails (exit 1) on expired flags, warns about those that expire soon, and says where each stands in the code. */
export async function check(client: ApiClient, options: Options, today: string, output: Output): Promise<number> {
  const project = required(options.project, '--project');
  const findings = expiryFindings(await client.listFlags(project), today, options.warnDays);
  const references = await findReferences(
    options.source,
    findings.map((finding) => finding.flag),
  );
  if (options.json)
    output.out(
      JSON.stringify({ version: JSON_VERSION, project, findings: findings.map((finding) => withPlaces(finding, references)) }),
    );
  else printFindings(findings, references, output);
  return findings.some((finding) => finding.code === 'expired') ? EXIT.findings : EXIT.clean;
}

function withPlaces(finding: ExpiryFinding, references: readonly Reference[]) {
  return {
    ...finding,
    references: references.filter(({ flag }) => flag === finding.flag).map(({ file, line }) => ({ file, line })),
  };
}

function printFindings(findings: readonly ExpiryFinding[], references: readonly Reference[], output: Output): void {
  for (const finding of findings) {
    const sentence = describe(finding);
    const places = references.filter(({ flag }) => flag === finding.flag);
    if (places.length === 0) output.out(`${sentence} No quoted reference below the source directory.`);
    for (const { file, line } of places) output.out(`${file}:${line}: ${sentence}`);
  }
  const expired = findings.filter(({ code }) => code === 'expired').length;
  output.out(
    findings.length === 0
      ? 'No flag is expired or about to expire.'
      : `${expired} expired, ${findings.length - expired} expiring.`,
  );
}

function describe({ code, flag, owner, expiresOn, daysLeft }: ExpiryFinding): string {
  const whose = owner === null ? 'nobody owns it' : `owner ${owner}`;
  return code === 'expired'
    ? `error: flag '${flag}' expired on ${expiresOn}, ${-daysLeft} days ago (${whose}): remove it or move its expiry.`
    : `warning: flag '${flag}' expires on ${expiresOn}, in ${daysLeft} days (${whose}).`;
}

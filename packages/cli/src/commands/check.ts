import { writeFile } from 'node:fs/promises';
import type { ApiClient } from '../api-client.ts';
import { readCheckSnapshot } from '../check/check-facts.ts';
import { findingsOf } from '../check/findings.ts';
import { readBase } from '../check/read-base.ts';
import { githubReport } from '../check/reports/github.ts';
import { gitlabReport } from '../check/reports/gitlab.ts';
import { jsonReport } from '../check/reports/json.ts';
import { junitReport } from '../check/reports/junit.ts';
import { countOf, type Report } from '../check/reports/report.ts';
import { sarifReport } from '../check/reports/sarif.ts';
import { textReport } from '../check/reports/text.ts';
import { summaryOf } from '../check/summary.ts';
import type { Format } from '../command-table.ts';
import { type Options, required } from '../options.ts';
import { readPrefix } from '../read-prefix.ts';
import { requireDirectory } from '../require-directory.ts';
import { gapsOf, scanTree } from '../scan/scan-tree.ts';
import { EXIT, type Output, UsageError } from '../usage.ts';
import { VERSION } from '../version.ts';

const REPORTS: Readonly<Record<Format, (report: Report) => string>> = {
  text: textReport,
  json: jsonReport,
  github: githubReport,
  gitlab: gitlabReport,
  sarif: sarifReport,
  junit: junitReport,
};

/** Fails (exit 1) on flags that the code names and should not: expired, archived, unknown. With `--strict` on warnings, too. */
export async function check(client: () => ApiClient, options: Options, today: string, output: Output): Promise<number> {
  if (options.summary && options.format !== 'text')
    throw new UsageError('A summary is Markdown: leave out --json and --format, or --summary.');
  await requireDirectory(options.source);
  const snapshot =
    options.snapshot === undefined
      ? await client().checkSnapshot(required(options.project, '--project'))
      : await readCheckSnapshot(options.snapshot);
  if (options.project !== undefined && options.project !== snapshot.project)
    throw new UsageError(`'${options.snapshot}' is of project '${snapshot.project}', not of '${options.project}'.`);
  const scan = scanTree(options.source, new Set(snapshot.flags.map(({ key }) => key)));
  const warnDays = options.warnDays ?? snapshot.windows.expiringDays;
  const report: Report = {
    project: snapshot.project,
    findings: findingsOf({ snapshot, scan, today, warnDays }),
    files: scan.files,
    prefix: await readPrefix(options.source),
    version: VERSION,
  };
  if (options.summary) {
    const before = options.base === undefined ? null : await readBase(options.base, options.source, snapshot);
    await write(summaryOf({ report, snapshot, now: scan, before, today, warnDays }), options.out, output);
  } else await write(REPORTS[options.format](report), options.out, output);
  for (const gap of gapsOf(scan)) output.error(gap);
  const failing = options.strict ? report.findings.length : countOf(report.findings, 'error');
  return failing > 0 ? EXIT.findings : EXIT.clean;
}

async function write(text: string, out: string | undefined, output: Output): Promise<void> {
  if (out === undefined) {
    if (text !== '') output.out(text);
    return;
  }
  await writeFile(out, text.endsWith('\n') ? text : `${text}\n`).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`'${out}' cannot be written (${cause.code}); give another --out.`, { cause });
  });
}

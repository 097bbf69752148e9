import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_REFERENCES, type UploadReferencesInput } from '@yardarm/contract';
import type { ApiClient } from '../api-client.ts';
import { readCheckSnapshot } from '../check/check-facts.ts';
import { counted } from '../counted.ts';
import { type GitContext, readGitContext } from '../git-context.ts';
import { groupBy } from '../group-by.ts';
import { type Options, required } from '../options.ts';
import { readPrefix } from '../read-prefix.ts';
import { readRest } from '../read-rest.ts';
import { requireCommitted } from '../require-committed.ts';
import { requireDirectory } from '../require-directory.ts';
import { readTextFile } from '../scan/read-text-file.ts';
import type { Reference } from '../scan/reference.ts';
import { gapsOf, type Scan, scanTree } from '../scan/scan-tree.ts';
import { EXIT, type Output, UsageError } from '../usage.ts';
import { VERSION } from '../version.ts';

/** Version of the JSON output; grows when a member changes its meaning or goes away. */
const JSON_VERSION = 1;
const MAX_TEXT = 300;

type Env = Readonly<Record<string, string | undefined>>;

/** Finds where code names flags, prints it, and with `--upload` tells the server, for one commit of one repository. */
export async function scan(client: () => ApiClient, options: Options, env: Env, output: Output): Promise<number> {
  await requireDirectory(options.source);
  // Of flags that were not looked for it would say that the commit does not name them, as of now.
  if (options.upload && (options.keys !== undefined || options.snapshot !== undefined))
    throw new UsageError(
      `An upload looks for every flag that the project has now: leave out --${options.keys === undefined ? 'snapshot' : 'keys'}.`,
    );
  const found = scanTree(options.source, new Set(await keysOf(client, options)));
  if (options.upload) return upload(found, client(), options, env, output);
  const text = options.json
    ? JSON.stringify({ version: JSON_VERSION, scanner: `yardarm ${VERSION}`, ...found })
    : textOf(found, options);
  if (options.out === undefined) output.out(text);
  else
    await writeFile(options.out, `${text}\n`).catch((cause: NodeJS.ErrnoException) => {
      throw new UsageError(`'${options.out}' cannot be written (${cause.code}); give another --out.`, { cause });
    });
  return EXIT.clean;
}

/** Of a project without any: none, so that what evaluations name is all that is found. */
async function keysOf(client: () => ApiClient, options: Options): Promise<readonly string[]> {
  if (options.keys !== undefined) return options.keys;
  if (options.snapshot !== undefined) return (await readCheckSnapshot(options.snapshot)).flags.map(({ key }) => key);
  if (options.project === undefined && !options.upload) return [];
  return (await client().checkSnapshot(required(options.project, '--project'))).flags.map(({ key }) => key);
}

function textOf(found: Scan, { keys, snapshot, project }: Options): string {
  const { references, unknown, files } = found;
  const isOpen = keys === undefined && snapshot === undefined && project === undefined;
  const whyNone =
    keys === undefined
      ? ` (not in ${snapshot === undefined ? `project '${project}'` : 'the snapshot'})`
      : ' (none that was asked for)';
  const all = [...references, ...unknown.map((one) => ({ ...one, isUnknown: true }))];
  const lines = [...groupBy(all, ({ flag }) => flag)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([flag, places]) => [
      `${flag}${!isOpen && places.some((place) => 'isUnknown' in place) ? whyNone : ''}`,
      ...places.map(({ file, line, column, idiom }) => `  ${file}:${line}:${column}  ${idiom}`),
    ]);
  const flags = new Set(references.map(({ flag }) => flag)).size;
  return [
    ...lines,
    isOpen
      ? `Only keys that calls evaluate were looked for in ${counted(files, 'file')}: --project, --snapshot or --keys says which flags there are.`
      : `${counted(references.length, 'reference')} to ${counted(flags, 'flag')} in ${counted(files, 'file')}.`,
    ...gapsOf(found),
  ].join('\n');
}

async function upload(found: Scan, client: ApiClient, options: Options, env: Env, output: Output): Promise<number> {
  const project = required(options.project, '--project');
  const context = await readGitContext(options.source, options, env);
  const prefix = await readPrefix(options.source);
  // It would say of the rest that it names no flag.
  if (prefix !== '' && context.isNameOfWhole)
    throw new UsageError(
      `'${options.source}' is a part of ${context.repository}, and an upload is everything that a commit names: scan its root, or give the part a --repository of its own, such as ${context.repository}/${prefix.slice(0, -1)}, and upload every other part of the commit too: until then no build of it is clean.`,
    );
  if (options.commit === undefined) await requireCommitted(options.source, context, output.error);
  if (context.defaultBranch === null)
    output.error(
      `Warning: neither CI nor git says which branch of ${context.repository} is the default one, so that '${context.branch}' does not count as it: say it with --default-branch.`,
    );
  const gaps = gapsOf(found);
  if (gaps.length > 0)
    output.error(
      [
        ...gaps,
        'So the upload is not all that the commit names, and no flag becomes safe by it: mend these files, or name in a .yardarmignore those that are no code.',
      ].join('\n'),
    );
  const { isNameOfWhole } = context;
  const rest = await readRest(options.source, { prefix, revision: options.commit ?? 'HEAD', isNameOfWhole });
  const input = { ...uploadOf(found, context, options.source, prefix), ...(rest && { rest: [...rest] }) };
  const answer = await client.uploadReferences(project, input);
  if (options.json) output.out(JSON.stringify({ version: JSON_VERSION, ...answer }));
  else {
    const what = answer.changed ? 'Uploaded' : 'Uploaded before:';
    output.out(
      `${what} ${counted(answer.references, 'reference')} to ${counted(answer.flags, 'flag')}, ${context.repository} ${context.branch} at ${context.commit.slice(0, 12)}.`,
    );
    if (answer.missing === null)
      output.out(`Nobody can say here whether that is all of the commit, so that no build of it is clean.`);
    else if (answer.missing.length > 0)
      output.out(`Not uploaded of the commit, so that no build of it is clean yet: ${answer.missing.join(', ')}`);
    if (answer.unknown.length > 0) output.out(`Not in project '${project}': ${answer.unknown.join(', ')}`);
    if (answer.archived.length > 0) output.out(`Archived: ${answer.archived.join(', ')}`);
  }
  return EXIT.clean;
}

function uploadOf(found: Scan, context: GitContext, source: string, prefix: string): UploadReferencesInput {
  const all = [...found.references, ...found.unknown];
  const kept = all.slice(0, MAX_REFERENCES);
  const linesOf = new Map<string, readonly string[]>();
  const lineOf = ({ file, line }: Reference) => {
    const lines = linesOf.get(file) ?? (readTextFile(join(source, file)) ?? '').split('\n');
    linesOf.set(file, lines);
    return lines[line - 1]?.trim().slice(0, MAX_TEXT) ?? null;
  };
  return {
    ...{ repository: context.repository, branch: context.branch, commit: context.commit },
    ...(context.committedAt !== null && { committedAt: context.committedAt }),
    isDefaultBranch: context.isDefaultBranch,
    lineUrl: context.lineUrl,
    scanner: `yardarm ${VERSION}`,
    // The server takes what is left out of it for a sign that the rest does not say everything.
    left: all.length - kept.length + gapsOf(found).length,
    references: kept.map((reference) => ({
      ...{ flagKey: reference.flag, path: `${prefix}${reference.file}`, line: reference.line, column: reference.column },
      ...{ kind: reference.idiom, text: lineOf(reference) },
    })),
  };
}

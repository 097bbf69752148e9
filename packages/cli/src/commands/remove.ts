import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import type { ApiClient } from '../api-client.ts';
import { counted } from '../counted.ts';
import { type FlagDefinition, readDefinitions, toDefinitions } from '../flag-definitions.ts';
import { type Options, required } from '../options.ts';
import type { JsonValue } from '../remove/kept-values.ts';
import { type Removal, removeFlag } from '../remove/remove-flag.ts';
import { requireDirectory } from '../require-directory.ts';
import { EXIT, type Output, UsageError } from '../usage.ts';

const JSON_VERSION = 1;

/**
 * Rewrites scripts as if the flag always had one variant; exit 1 where something was left, with the reason of each place. With
 * `--dry-run` it prints the difference, which `git apply` takes.
 */
export async function remove(client: () => ApiClient, options: Options, output: Output): Promise<number> {
  const flag = required(options.operands[0], 'the key of the flag: yardarm remove <flag>');
  await requireDirectory(options.source);
  const removal = removeFlag(options.source, flag, await keptValue(flag, client, options));
  if (!options.dryRun) for (const { file, after } of removal.files) await writeFile(join(options.source, file), after);
  if (options.json) output.out(JSON.stringify({ version: JSON_VERSION, flag, dryRun: options.dryRun, ...jsonOf(removal) }));
  else print(removal, options.dryRun, output);
  return removal.refusals.length > 0 ? EXIT.findings : EXIT.clean;
}

async function keptValue(flag: string, client: () => ApiClient, options: Options): Promise<JsonValue> {
  if (options.value !== undefined && options.keep !== undefined)
    throw new UsageError('--keep says which variant stays and --value what its value is: give one of them.');
  if (options.value !== undefined) return parseValue(options.value);
  const keep = required(options.keep, '--keep VARIANT, or --value JSON');
  const project = required(options.project, '--project');
  const flags =
    options.file === undefined ? toDefinitions(await client().listFlags(project)) : await readDefinitions(options.file, project);
  const found = flags.find(({ key }) => key === flag);
  if (found === undefined)
    throw new UsageError(`Project '${project}' has no flag '${flag}'; with --value JSON its value need not be asked for.`);
  if (!Object.hasOwn(found.variants, keep)) throw new UsageError(noVariant(found, keep));
  return parseValue(JSON.stringify(found.variants[keep]));
}

function noVariant({ key, variants }: FlagDefinition, keep: string): string {
  return `Flag '${key}' has no variant '${keep}', but ${Object.keys(variants).sort().join(', ')}.`;
}

function parseValue(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new UsageError(`--value takes JSON, such as true or '"blue"', not '${text}'.`, { cause });
  }
}

function jsonOf({ files, replaced, refusals }: Removal) {
  return { replaced, files: files.map(({ file }) => file), refusals };
}

/** Without its last line end, and nothing else: the line before it may be an empty one of the code. */
function differenceOf(file: string, before: string, after: string): string {
  return createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after, '', '', { context: 3 }).replace(/\n$/, '');
}

function print({ files, replaced, refusals }: Removal, dryRun: boolean, output: Output): void {
  for (const { file, before, after } of files) output.out(dryRun ? differenceOf(file, before, after) : `rewrote ${file}`);
  for (const { file, line, column, reason } of refusals) output.error(`${file}:${line}:${column}: left as it is: ${reason}.`);
  const would = dryRun ? 'would be ' : '';
  output.error(
    `${counted(replaced, 'call')} ${would}replaced in ${counted(files.length, 'file')}, ${counted(refusals.length, 'place')} left.`,
  );
}

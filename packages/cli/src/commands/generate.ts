import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ApiClient } from '../api-client.ts';
import { readDefinitions, toDefinitions } from '../flag-definitions.ts';
import { renderFlagManifest } from '../flag-manifest.ts';
import { renderFlagsModule } from '../flags-module.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output, UsageError } from '../usage.ts';

const JSON_VERSION = 1;

interface Generated {
  readonly file: string;
  readonly isCurrent: boolean;
}

/**
 * Writes the typed module (`--out`), the manifest of the OpenFeature CLI (`--manifest`), or both. With `--check` it writes nothing,
 * and answers exit code 1 where a file is not what it would write.
 */
export async function generate(client: () => ApiClient, options: Options, output: Output): Promise<number> {
  const project = required(options.project, '--project');
  if (options.out === undefined && options.manifest === undefined)
    throw new UsageError('yardarm generate needs --out FILE for the TypeScript module, --manifest FILE, or both.');
  const flags =
    options.file === undefined ? toDefinitions(await client().listFlags(project)) : await readDefinitions(options.file, project);
  const wanted = [
    ...(options.out === undefined ? [] : [{ file: options.out, text: renderFlagsModule(project, flags) }]),
    ...(options.manifest === undefined ? [] : [{ file: options.manifest, text: renderFlagManifest(flags) }]),
  ];
  const files: Generated[] = [];
  for (const { file, text } of wanted) {
    const isCurrent = (await readFile(file, 'utf8').catch(() => null)) === text;
    // A file that did not change keeps its time, so that nothing that watches it builds anew.
    if (!isCurrent && !options.check) await write(file, text);
    files.push({ file, isCurrent });
  }
  report(files, flags.length, options, output);
  return options.check && files.some(({ isCurrent }) => !isCurrent) ? EXIT.findings : EXIT.clean;
}

async function write(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (cause) {
    throw new UsageError(`'${file}' cannot be written (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
}

function report(files: readonly Generated[], flags: number, { check, json }: Options, output: Output): void {
  if (json) {
    output.out(JSON.stringify({ version: JSON_VERSION, flags, files }));
    return;
  }
  for (const { file, isCurrent } of files) {
    if (isCurrent) output.out(`${file} is up to date, ${flags} flags.`);
    else if (check) output.error(`${file} is out of date: run yardarm generate again, and commit it.`);
    else output.out(`${file} written, ${flags} flags.`);
  }
}

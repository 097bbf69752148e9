import { readFile } from 'node:fs/promises';
import { day, type Flag } from '@yardarm/contract';
import type { ApiClient } from '../api-client.ts';
import { counted } from '../counted.ts';
import { applyPlan } from '../import-from/apply-plan.ts';
import { ANY_ENVIRONMENT, type Imported, SourceError } from '../import-from/imported.ts';
import { looksLike } from '../import-from/looks-like.ts';
import { makePlan } from '../import-from/make-plan.ts';
import { howToApply, isComplete, planJson, printPlan } from '../import-from/print-plan.ts';
import { readDocument, readText } from '../import-from/read-document.ts';
import { mayIn, missingRights } from '../import-from/rights.ts';
import { isUntouchedFlag } from '../import-from/same-flag.ts';
import { SOURCE_NAMES, SOURCES } from '../import-from/sources.ts';
import { isTouched } from '../import-from/touched.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output, UsageError } from '../usage.ts';

/** Plans what another system's flags would become, and writes it where `--yes` says so. */
export async function importFlags(client: ApiClient, options: Options, nowMs: number, output: Output): Promise<number> {
  const project = required(options.project, '--project');
  const file = required(options.operands[0], `the file: yardarm import --from ${options.from} <file>`);
  const apply = options.yes && !options.plan;
  const expiresOn = dayOf(options.expires);
  const imported = await readSource(options.from, file, nowMs);
  const [flags, segments, environments, { actor, person, grants }] = await Promise.all([
    client.listFlags(project, { archived: true }),
    client.listSegments(project),
    client.listEnvironments(project),
    client.session(),
  ]);
  const owner = options.owner ?? person ?? actor.name;
  const may = mayIn(project, grants);
  const chosen = chooseEnvironments(
    options.environment,
    imported,
    environments.map(({ key }) => key),
  );
  const ofFile = flags.filter(({ key }) => imported.flags.some((flag) => flag.key === key));
  const touched = await findTouched(client, project, ofFile, chosen);
  const plan = makePlan({
    ...{ imported, flags, segments, touched, owner, expiresOn, environments: chosen },
    missingRights: (wanted) => missingRights(wanted, may, environments),
  });
  if (!options.json) {
    output.out(
      `Flags that need an owner and have none get '${owner}'; those that need an expiry get ${options.expires ?? 'the one of the project'}.`,
    );
    printPlan(plan, output);
  }
  const reason = options.reason ?? `Imported from ${options.from}: ${file.split(/[\\/]/).at(-1)}`;
  const applied = apply ? await applyPlan(client, project, plan, reason) : null;
  if (options.json) output.out(JSON.stringify({ version: 1, project, from: options.from, ...planJson(plan), applied }));
  else if (applied === null) output.out(howToApply(plan, options));
  else {
    for (const { kind, key, sentence } of applied.refused) output.out(`REFUSED  ${kind} ${key}: ${sentence}`);
    const written = [counted(applied.flags.length, 'flag'), counted(applied.segments.length, 'segment')].join(' and ');
    const refused = applied.refused.length > 0 ? `, ${applied.refused.length} refused` : '';
    output.out(`${written} written to project ${project}${refused}.`);
  }
  if (applied !== null && applied.interrupted !== null)
    output.error(`yardarm: ${applied.interrupted} The import ended there: import again to go on.`);
  if (applied !== null && (applied.refused.length > 0 || applied.interrupted !== null)) return EXIT.api;
  return isComplete(plan) ? EXIT.clean : EXIT.findings;
}

/** Of the flags that look as they were made, those that the record says more of. */
async function findTouched(
  client: ApiClient,
  project: string,
  flags: readonly Flag[],
  environments: readonly { readonly ours: string }[],
): Promise<ReadonlySet<string>> {
  const touched = new Set<string>();
  for (const flag of flags)
    for (const { ours } of environments) {
      if (!isUntouchedFlag(flag, ours)) continue;
      if (await isTouched(client, { project, environment: ours, flag: flag.key })) touched.add(`${ours} ${flag.key}`);
    }
  return touched;
}

async function readSource(from: string | undefined, file: string, nowMs: number): Promise<Imported> {
  const name = SOURCE_NAMES.find((one) => one === from);
  const source = name && SOURCES[name];
  if (source === undefined) throw new UsageError(`--from takes one of ${SOURCE_NAMES.join(', ')}, not '${from}'.`);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new UsageError(`${file} cannot be read; is the path right?`, { cause });
  });
  try {
    const text = readText(bytes, file);
    const written = looksLike(readDocument(text, file));
    if (written !== null && written !== name)
      throw new UsageError(`${file} looks like a file of ${written}, not of ${name}: write --from ${written}.`);
    return source(text, { file, nowMs });
  } catch (error) {
    if (error instanceof SourceError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** `production,staging=stage`: ours, or ours and what the source calls it. Without any: those that both have under one name. */
function chooseEnvironments(given: string | undefined, imported: Imported, ours: readonly string[]) {
  const theirs = [...new Set([...imported.flags, ...imported.segments].flatMap((one) => Object.keys(one.environments)))];
  const named = theirs.filter((name) => name !== ANY_ENVIRONMENT);
  if (ours.length === 0) throw new UsageError('The project has no environments yet: make one, then import into it.');
  if (named.length === 0 && given?.includes('='))
    throw new UsageError(
      `The file is about one environment and does not name it, so that '${given}' names nothing in it: write --environment ${given.split('=')[0]}.`,
    );
  const chosen =
    given?.split(',').map((pair) => {
      const [key = '', name = key] = pair.split('=');
      return { ours: key, theirs: name };
    }) ?? named.filter((name) => ours.includes(name)).map((name) => ({ ours: name, theirs: name }));
  if (chosen.length === 0)
    throw new UsageError(
      `Missing: --environment, one or more of ${ours.join(', ')}${named.length > 0 ? `; the file has ${named.join(', ')}: write ours=theirs` : ''}.`,
    );
  for (const pair of chosen) {
    if (chosen.some((other) => other !== pair && other.ours === pair.ours))
      throw new UsageError(`--environment names '${pair.ours}' twice: each of ours takes what the file has for one of theirs.`);
    if (!ours.includes(pair.ours))
      throw new UsageError(`The project has no environment '${pair.ours}'; it has ${ours.join(', ')}.`);
    if (named.length > 0 && !named.includes(pair.theirs))
      throw new UsageError(
        `The file has no environment '${pair.theirs}'; it has ${named.join(', ')}. Write ${pair.ours}=${named[0]}, for example.`,
      );
  }
  return chosen;
}

function dayOf(text: string | undefined): string | undefined {
  if (text !== undefined && !day.safeParse(text).success)
    throw new UsageError(`--expires takes a day such as 2027-01-31, not '${text}'.`);
  return text;
}

import type { ApiClient } from '../api-client.ts';
import { type Options, required } from '../options.ts';
import { printDiffs } from '../print-diff.ts';
import { EXIT, type Output } from '../usage.ts';

/** Shows what differs between two environments. Exit 1 where something does, be it only which flags are on. */
export async function diffEnvironments(client: ApiClient, options: Options, output: Output): Promise<number> {
  const project = required(options.project, '--project');
  const [from, to] = [required(options.from, '--from'), required(options.to, '--to')];
  const { items, on } = await client.compare(project, from, to);
  const same = items.length + on.length === 0;
  if (options.json) output.out(JSON.stringify({ version: 1, project, from, to, items, on }));
  else {
    printDiffs(items, output);
    for (const flag of on) output.out(`flag ${flag.flag} is ${word(flag.from)} in ${from}, ${word(flag.to)} in ${to}`);
    if (same) output.out(`${from} and ${to} are alike.`);
  }
  return same ? EXIT.clean : EXIT.findings;
}

function word(on: boolean): string {
  return on ? 'on' : 'off';
}

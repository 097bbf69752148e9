import type { EntityDiff } from '@yardarm/contract';
import type { ApiClient } from '../api-client.ts';
import { type Options, required } from '../options.ts';
import { printDiffs } from '../print-diff.ts';
import { EXIT, type Output } from '../usage.ts';

/** Copies configurations from one environment to another, in one change set; what is on stays. Says what came over. */
export async function promote(client: ApiClient, options: Options, output: Output): Promise<number> {
  const project = required(options.project, '--project');
  const [from, to] = [required(options.from, '--from'), required(options.to, '--to')];
  const { operands: flags, segments = [], reason, dryRun } = options;
  const everything = flags.length + segments.length === 0;
  const isChosen = ({ kind, key }: EntityDiff) => everything || (kind === 'flag' ? flags : segments).includes(key);
  const answer = dryRun
    ? // Read the other way round, since `from` is what `to` would become.
      await client
        .compare(project, to, from)
        .then(({ items, from: target }) => ({ items: items.filter(isChosen), revision: target.revision }))
    : await client.copyEnvironment(project, to, {
        from,
        ...(!everything && { flags, segments }),
        ...(reason !== undefined && { reason }),
      });
  const { items, revision } = answer;
  if (options.json) output.out(JSON.stringify({ version: 1, project, from, to, dryRun, revision, items }));
  else {
    printDiffs(items, output);
    const many = items.length === 1 ? '1 change' : `${items.length} changes`;
    output.out(dryRun ? `${many} would be made in ${to}.` : `${many} made in ${to}, revision ${revision}.`);
  }
  return EXIT.clean;
}

import type { Flag } from '@yardarm/contract';
import type { ApiClient } from '../api-client.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output } from '../usage.ts';

/** One line per flag: key, kind, owner, expiry, and on or off in each environment. */
export async function listFlags(client: ApiClient, options: Options, output: Output): Promise<number> {
  const flags = await client.listFlags(required(options.project, '--project'));
  if (options.json) output.out(JSON.stringify({ version: 1, flags }));
  else printTable(flags.map(row), output);
  return EXIT.clean;
}

function row(flag: Flag): string[] {
  const states = flag.environments.map(({ environment, on }) => `${environment} ${on ? 'on' : 'off'}`);
  return [flag.key, flag.kind, flag.owner ?? 'no owner', flag.expiresOn ?? 'no expiry', states.join(', ')];
}

function printTable(rows: readonly string[][], output: Output): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  for (const cells of rows)
    output.out(
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

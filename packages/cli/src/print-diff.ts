/** Differences as lines for a terminal: what stood at a path, what stands there now. */
import type { DiffEntry, EntityDiff } from '@yardarm/contract';
import type { Output } from './usage.ts';

export function printDiffs(items: readonly EntityDiff[], output: Output): void {
  for (const { kind, key, change, diff } of items) {
    output.out(`${kind} ${key} ${change}`);
    for (const entry of diff) printEntry(entry, output);
  }
}

function printEntry({ path, kind, before, after }: DiffEntry, output: Output): void {
  const name = path.join('.');
  const side = (sign: string, value: unknown) => {
    if (value !== undefined) output.out(`  ${sign} ${name === '' ? '' : `${name}: `}${JSON.stringify(value)}`);
  };
  if (kind === 'order') {
    output.out(`  ~ ${name}: now in the order ${(after as readonly string[]).join(', ')}`);
    return;
  }
  for (const [sign, value] of [
    ['-', before],
    ['+', after],
  ] as const) {
    if (kind === 'value') side(sign, value);
    else for (const element of value as readonly unknown[]) side(sign, element);
  }
}

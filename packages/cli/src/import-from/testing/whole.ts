/** That a file of definitions comes over whole, for the tests of sources. */
import { flagConfiguration } from '@yardarm/contract';
import { expect } from 'vitest';
import type { Imported, ImportedConfiguration } from '../imported.ts';

/** More than 40 flags, none of them refused, of which these splits are dealt anew and no others. */
export function expectWhole({ flags, left }: Imported, dealtAnew: readonly string[]): void {
  expect(left).toEqual([]);
  expect(flags.length).toBeGreaterThan(40);
  const anew = flags.filter(({ remarks }) => remarks.some(({ code }) => code === 're-bucketed'));
  expect(anew.map(({ key }) => key)).toEqual(dealtAnew);
  expect(flags.flatMap(({ environments }) => Object.values(environments)).filter((one) => 'obstacles' in one)).toEqual([]);
  // The server takes them as they are.
  for (const { on: _, ...configuration } of flags.flatMap(
    ({ environments }) => Object.values(environments) as ImportedConfiguration[],
  ))
    expect(flagConfiguration.safeParse(configuration).error).toBeUndefined();
}

import { describe, expect, it } from 'vitest';
import type { FlagDefinition } from './flag-definitions.ts';
import { renderFlagManifest } from './flag-manifest.ts';

const flag = (more: Partial<FlagDefinition>): FlagDefinition => ({
  ...{ key: 'flag', type: 'boolean', kind: 'release', description: '', variants: { on: true, off: false }, offVariants: ['off'] },
  ...more,
});
const entryOf = (more: Partial<FlagDefinition>) => JSON.parse(renderFlagManifest([flag(more)])).flags.flag;

describe('renderFlagManifest', () => {
  it('has a type and a default for every flag, and its description', () => {
    expect(entryOf({ description: 'A lamp' })).toEqual({ flagType: 'boolean', defaultValue: false, description: 'A lamp' });
    expect(entryOf({ type: 'object', variants: { a: { x: 1 } }, offVariants: ['a', 'a'] })).toEqual({
      flagType: 'object',
      defaultValue: { x: 1 },
    });
  });

  it('takes what callers get where the flag is off, if all environments agree', () => {
    const both = { type: 'string', variants: { b: 'B', a: 'A' } } as const;
    expect(entryOf({ ...both, offVariants: ['b', 'b'] }).defaultValue).toBe('B');
    expect(entryOf({ ...both, offVariants: ['b', 'a'] }).defaultValue).toBe('A');
    expect(entryOf({ ...both, offVariants: [null] }).defaultValue).toBe('A');
    expect(entryOf({ offVariants: ['on', null] }).defaultValue).toBe(false);
    expect(entryOf({ offVariants: ['on'] }).defaultValue).toBe(true);
  });

  it('calls a number an integer where every variant is one', () => {
    const number = { type: 'number', offVariants: [] } as const;
    expect(entryOf({ ...number, variants: { ten: 10, zero: 0 } })).toMatchObject({ flagType: 'integer', defaultValue: 10 });
    expect(entryOf({ ...number, variants: { ten: 10, half: 0.5 } })).toMatchObject({ flagType: 'float', defaultValue: 0.5 });
  });
});

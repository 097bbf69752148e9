/** Operators on what comes down to a number: numbers themselves, and instants. */
import { type CompileMatch, type Holds, holdsAt } from './match.ts';

/** The operand of lt, lte, gt and gte: a number that is neither NaN nor infinite. */
export function parseNumber(value: unknown): number | undefined {
  return Number.isFinite(value) ? (value as number) : undefined;
}

export function compileOrdered(parse: (value: unknown) => number | undefined, holds: Holds): CompileMatch {
  return (values) => {
    const bound = values.length === 1 ? parse(values[0]) : undefined;
    if (bound === undefined) return 'values';
    return (value) => {
      const parsed = parse(value);
      return parsed === undefined ? undefined : holdsAt(parsed - bound, holds);
    };
  };
}

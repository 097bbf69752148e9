/** The operand of lt, lte, gt and gte: a number that is neither NaN nor infinite. */
export function parseNumber(value: unknown): number | undefined {
  return Number.isFinite(value) ? (value as number) : undefined;
}

export function compareNumbers(left: number, right: number): number {
  return left - right;
}

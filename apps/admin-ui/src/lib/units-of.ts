/** Units as they were typed; one that was a number among `before` stays one: the same unit, in the same words. */
export function unitsOf(tokens: readonly string[], before: readonly (string | number)[]): (string | number)[] {
  const known = new Map(before.map((unit) => [String(unit), unit]));
  return tokens.map((token) => known.get(token) ?? token);
}

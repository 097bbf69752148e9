// @ts-check
/** Medians and spread of a handful of measurements. */

/**
 * @param {readonly number[]} values at least one
 * @param {number} share 0 … 1
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

/** @param {readonly number[]} values milliseconds */
export function summarise(values) {
  return {
    n: values.length,
    median: quantile(values, 0.5),
    p10: quantile(values, 0.1),
    p90: quantile(values, 0.9),
    max: Math.max(...values),
  };
}

/**
 * @param {readonly [title: string, values: readonly number[]][]} rows
 * @returns {string} an aligned table, milliseconds
 */
export function table(rows) {
  const header = ['milliseconds', 'n', 'median', 'p10', 'p90', 'max'];
  const cells = rows.map(([title, values]) => {
    const { n, median, p10, p90, max } = summarise(values);
    return [title, String(n), ...[median, p10, p90, max].map((value) => value.toFixed(1))];
  });
  const all = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
    )
    .join('\n');
}

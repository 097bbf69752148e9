/** Postgres takes 65 535 parameters a statement, and no table written in bulk has more than twelve columns. */
const ROWS_PER_INSERT = 5_000;

/** `rows` in slices that one insert can take; none for no rows, since an insert of nothing is an error. */
export function* inBatches<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) yield rows.slice(start, start + ROWS_PER_INSERT);
}

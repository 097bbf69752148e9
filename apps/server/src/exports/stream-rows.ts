/** Reads a query's rows a few hundred at a time, so that memory does not grow with the instance. */
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';

const ROWS_PER_FETCH = 500;

/** Rows as the driver gives them, in one snapshot if the transaction has one. One at a time in a transaction; no parameters. */
export async function* streamRows(tx: Tx, query: SQL): AsyncGenerator<Record<string, unknown>, void> {
  await tx.execute(sql`declare streamed no scroll cursor for ${query}`);
  for (;;) {
    const rows = await tx.execute(sql.raw(`fetch ${ROWS_PER_FETCH} from streamed`));
    yield* rows;
    if (rows.length < ROWS_PER_FETCH) break;
  }
  await tx.execute(sql`close streamed`);
}

/** How far the newest revision has got, as the API answers it. */
import type { Receipts } from '@yardarm/contract';
import type { ReceiptBook } from './receipt-book.ts';

export function countReceipts(book: ReceiptBook | undefined): Receipts['server'] {
  if (book === undefined) return { connected: 0, applied: 0, pending: 0, rejected: 0, slowestMs: null };
  const { connected, applied, rejected, slowest } = book.page();
  return { connected, applied, pending: connected - applied - rejected, rejected, slowestMs: slowest?.ms ?? null };
}

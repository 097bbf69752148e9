/** The operand of before and after. */
import { isString } from '../json.ts';

const DATE_TIME =
  /^(\d{4}-\d\d-(\d\d))[Tt ]((?:[01]\d|2[0-3]):[0-5]\d:)([0-5]\d|60)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Epoch milliseconds of a Date, of an RFC 3339 date-time (offset required, a leap second counts as the second
 * after it, digits beyond milliseconds are cut), or of a finite number. Undefined for anything else. Date.parse alone
 * takes many more forms, knows no leap seconds, and rolls 30 February over to March.
 */
export function parseInstant(value: unknown): number | undefined {
  let ms = value instanceof Date ? value.getTime() : value;
  if (isString(value)) {
    const [, date = '', day, minutes, second, fraction = '', offset = ''] = DATE_TIME.exec(value) ?? [];
    if (new Date(date).getUTCDate() !== Number(day)) return undefined;
    ms =
      Date.parse(`${date}T${minutes}00${offset.toUpperCase()}`) + Number(second) * 1_000 + Number(`${fraction}000`.slice(0, 3));
  }
  return Number.isFinite(ms) ? (ms as number) : undefined;
}

/** The operand of before and after. */

const DATE_TIME = /^(\d{4}-\d\d-(\d\d))[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Epoch milliseconds of a Date, of an RFC 3339 date-time (offset required, a leap second counts as the second
 * after it, digits beyond milliseconds are cut), or of a finite number. Undefined for anything else. By hand,
 * since Date.parse takes many more forms and rolls 30 February over to March.
 */
export function parseInstant(value: unknown): number | undefined {
  if (typeof value === 'string') return parseDateTime(value);
  const ms = value instanceof Date ? value.getTime() : value;
  return Number.isFinite(ms) ? (ms as number) : undefined;
}

function parseDateTime(text: string): number | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, date, day, hour, minute, second, fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = match;
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  if (new Date(midnightMs).getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const offsetMinutes = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1);
  const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes;
  return midnightMs + minutes * 60_000 + Number(second) * 1_000 + Number(`${fraction}000`.slice(0, 3));
}

/** A month as a calendar of what expires on which day. Pure; days are text, as the API has them. */

export interface CalendarDay<F> {
  /** `2027-03-01`. */
  readonly day: string;
  /** False for the days of other months that fill up the first and the last week. */
  readonly isOfMonth: boolean;
  readonly flags: readonly F[];
}

const DAY_MS = 86_400_000;

/** `month`: `2027-03`. Weeks begin on Monday. */
export function monthOf<F extends { readonly expiresOn: string | null }>(
  month: string,
  flags: readonly F[],
): readonly (readonly CalendarDay<F>[])[] {
  const byDay = new Map<string, F[]>();
  for (const flag of flags) {
    if (flag.expiresOn === null) continue;
    const known = byDay.get(flag.expiresOn);
    if (known) known.push(flag);
    else byDay.set(flag.expiresOn, [flag]);
  }
  const firstMs = Date.parse(`${month}-01T00:00:00Z`);
  const nextMs = Date.parse(`${shifted(month, 1)}-01T00:00:00Z`);
  const weeks: CalendarDay<F>[][] = [];
  for (let weekMs = firstMs - ((new Date(firstMs).getUTCDay() + 6) % 7) * DAY_MS; weekMs < nextMs; weekMs += 7 * DAY_MS)
    weeks.push(
      Array.from({ length: 7 }, (_, index) => {
        const day = new Date(weekMs + index * DAY_MS).toISOString().slice(0, 10);
        return { day, isOfMonth: day.startsWith(month), flags: byDay.get(day) ?? [] };
      }),
    );
  return weeks;
}

/** `2027-12` and 1 are `2028-01`. */
export function shifted(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

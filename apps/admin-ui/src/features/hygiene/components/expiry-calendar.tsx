/** What expires on which day of a month, and whose it is. */
import type { Flag } from '@yardarm/contract';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { ChevronRightIcon } from '../../../components/ui/icons.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { type CalendarDay, monthOf, shifted } from '../calendar.ts';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** As many as a day has room for. */
const SHOWN_FLAGS = 3;

export interface ExpiryCalendarProps {
  readonly flags: readonly Flag[];
  /** `2027-03-14`. */
  readonly today: string;
  readonly flagLink: (key: string) => ReactNode;
}

export function ExpiryCalendar({ flags, today, flagLink }: ExpiryCalendarProps) {
  const [month, setMonth] = useState(today.slice(0, 7));
  const name = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    Date.parse(`${month}-01T00:00:00Z`),
  );
  return (
    <div>
      <div className="flex items-center gap-1 px-3 py-2">
        <Button look="ghost" size="icon" aria-label="Month before" onClick={() => setMonth(shifted(month, -1))}>
          <ChevronRightIcon className="size-4 rotate-180" />
        </Button>
        <p className="min-w-36 text-center font-medium text-sm" role="status">
          {name}
        </p>
        <Button look="ghost" size="icon" aria-label="Month after" onClick={() => setMonth(shifted(month, 1))}>
          <ChevronRightIcon />
        </Button>
        {month !== today.slice(0, 7) && (
          <Button look="ghost" size="sm" onClick={() => setMonth(today.slice(0, 7))}>
            This month
          </Button>
        )}
      </div>
      <ScrollRegion label={`Calendar of ${name}`}>
        <table className="w-full min-w-[34rem] table-fixed border-collapse text-left align-top">
          <thead className="text-ink-faint text-xs">
            <tr>
              {WEEKDAYS.map((weekday) => (
                <th key={weekday} scope="col" className="px-2 py-1 font-medium">
                  {weekday}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {monthOf(month, flags).map((week) => (
              <tr key={week[0]?.day}>
                {week.map((day) => (
                  <Day key={day.day} day={day} today={today} flagLink={flagLink} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </div>
  );
}

interface DayProps {
  readonly day: CalendarDay<Flag>;
  readonly today: string;
  readonly flagLink: (key: string) => ReactNode;
}

function Day({ day: { day, isOfMonth, flags }, today, flagLink }: DayProps) {
  const isToday = day === today;
  return (
    <td
      className={classNames('h-22 border-line border-t border-l px-2 py-1 align-top first:border-l-0', !isOfMonth && 'bg-sunken')}
    >
      <time
        dateTime={day}
        aria-current={isToday ? 'date' : undefined}
        className={classNames(
          'inline-flex h-5 min-w-5 items-center justify-center rounded-full px-1 text-xs tabular-nums',
          isToday ? 'bg-accent font-semibold text-on-accent' : 'text-ink-faint',
        )}
      >
        {Number(day.slice(8))}
      </time>
      <ul className="mt-0.5 space-y-0.5">
        {flags.slice(0, SHOWN_FLAGS).map(({ key, owner, ownerTeam }) => {
          const whose = ownerTeam?.name ?? owner ?? 'nobody’s';
          return (
            <li
              key={key}
              title={`${key}, ${whose}`}
              className={classNames(
                'truncate rounded px-1 text-xs',
                day < today ? 'bg-bad-soft text-bad' : 'bg-warn-soft text-warn',
              )}
            >
              {flagLink(key)}
              <span className="block truncate text-ink-soft leading-4">{whose}</span>
            </li>
          );
        })}
        {flags.length > SHOWN_FLAGS && <li className="px-1 text-ink-faint text-xs">{flags.length - SHOWN_FLAGS} more</li>}
      </ul>
    </td>
  );
}

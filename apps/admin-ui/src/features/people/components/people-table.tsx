import type { User } from '@yardarm/contract';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { describeRight } from '../../../lib/describe-right.ts';

export interface PeopleTableProps {
  readonly people: readonly User[];
  readonly onReset: (user: User) => void;
  readonly onDisable: (user: User) => void;
  readonly onEnable: (user: User) => void;
}

export function PeopleTable({ people, onReset, onDisable, onEnable }: PeopleTableProps) {
  return (
    <ScrollRegion label="People">
      <table className="w-full text-left text-sm">
        <thead className="border-line border-b text-ink-faint text-xs">
          <tr>
            <th scope="col" className="px-4 py-2 font-medium">
              Person
            </th>
            <th scope="col" className="px-4 py-2 font-medium max-md:hidden">
              Rights
            </th>
            <th scope="col" className="px-4 py-2 font-medium max-sm:hidden">
              Last seen
            </th>
            <th scope="col" className="px-4 py-2">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {people.map((user) => (
            <tr key={user.id} className={classNames('hover:bg-hover', user.disabledAt !== null && 'text-ink-faint')}>
              <th scope="row" className="px-4 py-2 font-medium">
                <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
                  <span className="break-words">{user.name}</span>
                  {user.disabledAt !== null && <Badge>disabled</Badge>}
                  {user.disabledAt === null && !user.hasPassword && user.identities === 0 && (
                    <Badge tone="warn">{user.lastSeenAt === null ? 'invited' : 'no password'}</Badge>
                  )}
                </div>
                <div className="font-normal text-ink-soft text-xs first-letter:uppercase md:hidden">
                  {user.grants.map(describeRight).join('; ')}
                </div>
                {user.email && <div className="break-all font-normal text-ink-faint text-xs">{user.email}</div>}
              </th>
              <td className="px-4 py-2 max-md:hidden">
                {user.grants.length === 0 ? (
                  <span className="text-ink-faint">none of their own</span>
                ) : (
                  user.grants.map((right) => (
                    <div key={describeRight(right)} className="first-letter:uppercase">
                      {describeRight(right)}
                    </div>
                  ))
                )}
              </td>
              <td className="whitespace-nowrap px-4 py-2 max-sm:hidden">
                {user.lastSeenAt ? <RelativeTime at={user.lastSeenAt} /> : '–'}
              </td>
              <td className="h-11 whitespace-nowrap px-4 py-1 text-right">
                {user.disabledAt === null ? (
                  <div className="flex items-center justify-end gap-1">
                    <Button
                      look="ghost"
                      size="sm"
                      aria-label={`Make a reset link for ${user.name}`}
                      onClick={() => onReset(user)}
                    >
                      Reset link
                    </Button>
                    <Button look="ghost" size="sm" aria-label={`Disable ${user.name}`} onClick={() => onDisable(user)}>
                      Disable
                    </Button>
                  </div>
                ) : (
                  <Button look="ghost" size="sm" aria-label={`Enable ${user.name}`} onClick={() => onEnable(user)}>
                    Enable
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

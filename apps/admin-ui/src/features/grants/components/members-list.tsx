import type { Environment, Grant } from '@yardarm/contract';
import { EnvironmentName } from '../../../components/environment-name.tsx';
import { CloseIcon, LockIcon, PeopleIcon, UserIcon } from '../../../components/ui/icons.tsx';
import { describeGrant, type Member } from '../members.ts';

const KINDS = {
  user: { icon: UserIcon, label: 'Person' },
  team: { icon: PeopleIcon, label: 'Team' },
  token: { icon: LockIcon, label: 'API token' },
} as const;

export interface MembersListProps {
  readonly members: readonly Member[];
  readonly environments: readonly Environment[];
  readonly onTake: (grant: Grant) => void;
}

export function MembersList({ members, environments, onTake }: MembersListProps) {
  return (
    <ul className="divide-y divide-line">
      {members.map(({ id, kind, name, grants }) => {
        const { icon: Icon, label } = KINDS[kind];
        return (
          <li key={id} className="flex flex-wrap items-start gap-x-6 gap-y-2 px-4 py-3">
            <div className="flex min-w-48 flex-1 items-start gap-2.5">
              <span className="mt-0.5 text-ink-faint" title={label}>
                <Icon />
              </span>
              <div className="min-w-0 text-sm">
                <div className="break-words font-medium">{name}</div>
                <div className="text-ink-faint text-xs">{label}</div>
              </div>
            </div>
            <ul className="flex flex-[2] flex-wrap gap-1.5">
              {grants.map((grant) => {
                const environment = environments.find(({ key }) => key === grant.environment);
                const where = grant.environment === null ? 'in all environments' : (environment?.name ?? grant.environment);
                return (
                  <li
                    key={grant.id}
                    className="inline-flex min-h-7 items-center gap-1.5 rounded-md border border-line bg-sunken py-0.5 pr-0.5 pl-2 text-sm"
                  >
                    <span className="font-medium">{describeGrant(grant)}</span>
                    {environment ? (
                      <EnvironmentName environment={environment} className="text-ink-soft" />
                    ) : (
                      <span className="text-ink-faint">{where}</span>
                    )}
                    {grant.issuer === null ? (
                      <button
                        type="button"
                        aria-label={`Take ${describeGrant(grant)}, ${where}, from ${name}`}
                        className="flex size-6 items-center justify-center rounded text-ink-faint hover:bg-hover hover:text-ink"
                        onClick={() => onTake(grant)}
                      >
                        <CloseIcon className="size-3" />
                      </button>
                    ) : (
                      <span className="pr-1.5 text-ink-faint text-xs" title={`By a group of ${grant.issuer}; taken there`}>
                        single sign-on
                      </span>
                    )}
                  </li>
                );
              })}
            </ul>
          </li>
        );
      })}
    </ul>
  );
}

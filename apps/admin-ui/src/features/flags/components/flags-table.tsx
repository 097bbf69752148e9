import type { Environment, Flag } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { ENVIRONMENT_LOOKS, EnvironmentName, isProduction } from '../../../components/environment-name.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { useNarrow } from '../../../lib/use-narrow.ts';
import type { SwitchFlag } from '../api/switch-flag.ts';
import { EnvironmentCell } from './environment-cell.tsx';
import { Expiry, KindBadge } from './flag-badges.tsx';

export interface FlagsTableProps {
  readonly flags: readonly Flag[];
  readonly environments: readonly Environment[];
  readonly flagLink: (key: string) => ReactNode;
  /** When the flag was last evaluated. */
  readonly evaluated: (key: string) => ReactNode;
  readonly isPending: (key: string, environment: string) => boolean;
  readonly onSwitch: (request: SwitchFlag) => void;
}

export function FlagsTable({ flags, environments, flagLink, evaluated, isPending, onSwitch }: FlagsTableProps) {
  // Where not every environment fits, production is the one that must not have to be scrolled to.
  const shown = useNarrow() ? productionFirst(environments) : environments;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="overflow-x-auto" aria-label="Flags" tabIndex={0}>
      <table className="w-full border-collapse text-left">
        <thead className="text-ink-faint text-xs">
          <tr className="border-line border-b">
            <th scope="col" className="py-2 pr-4 pl-4 font-medium">
              Flag
            </th>
            <th scope="col" className="px-3 py-2 font-medium max-lg:hidden">
              Kind
            </th>
            <th scope="col" className="px-3 py-2 font-medium max-lg:hidden">
              Owner
            </th>
            <th scope="col" className="px-3 py-2 font-medium max-md:hidden">
              Expiry
            </th>
            <th
              scope="col"
              className="px-3 py-2 font-medium max-xl:hidden"
              title="When it was last evaluated, and how many of the connected instances report"
            >
              Evaluated
            </th>
            {shown.map((environment) => (
              <th
                key={environment.key}
                scope="col"
                className={classNames(
                  'min-w-32 px-3 py-2 font-medium',
                  isProduction(environment) &&
                    classNames(
                      'border-t-2 text-ink',
                      ENVIRONMENT_LOOKS[environment.color].edge,
                      ENVIRONMENT_LOOKS[environment.color].column,
                    ),
                )}
              >
                <EnvironmentName environment={environment} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {flags.map((flag) => (
            <tr key={flag.key} className="group hover:bg-hover" data-testid={`flag-${flag.key}`}>
              <th scope="row" className="w-full min-w-44 max-w-0 py-2 pr-3 pl-4 font-normal">
                <div className="truncate">{flagLink(flag.key)}</div>
                <div className="truncate text-ink-faint text-xs" title={flag.description}>
                  {flag.description || flag.type}
                </div>
              </th>
              <td className="px-3 py-2 max-lg:hidden">
                <KindBadge kind={flag.kind} />
              </td>
              <td className="max-w-32 truncate px-3 py-2 text-sm max-lg:hidden">
                {flag.owner ?? <span className="text-ink-faint">nobody</span>}
              </td>
              <td className="px-3 py-2 max-md:hidden">
                <Expiry flag={flag} />
              </td>
              <td className="px-3 py-2 tabular-nums max-xl:hidden" data-testid={`evaluated-${flag.key}`}>
                {evaluated(flag.key)}
              </td>
              {shown.map((environment) => {
                const state = flag.environments.find((one) => one.environment === environment.key);
                return (
                  <td
                    key={environment.key}
                    className={classNames('px-3 py-2', isProduction(environment) && ENVIRONMENT_LOOKS[environment.color].column)}
                  >
                    {state && (
                      <EnvironmentCell
                        flag={flag}
                        state={state}
                        environmentName={environment.name}
                        pending={isPending(flag.key, environment.key)}
                        onSwitch={(on) => onSwitch({ key: flag.key, environment: environment.key, on })}
                      />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function productionFirst(environments: readonly Environment[]): Environment[] {
  return [...environments.filter(isProduction), ...environments.filter((environment) => !isProduction(environment))];
}

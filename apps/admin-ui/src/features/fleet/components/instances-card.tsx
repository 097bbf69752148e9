import type { FleetInstance } from '@yardarm/contract';
import { useState } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { BareInput } from '../../../components/ui/field.tsx';
import { LongList } from '../../../components/ui/long-list.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { counted } from '../../../lib/counted.ts';
import { appName, behindBy, filterInstances, type InstanceFilter } from '../fleet-rows.ts';

const STATES: readonly { value: InstanceFilter['state']; label: string }[] = [
  { value: '', label: 'Every state' },
  { value: 'pending', label: 'Behind' },
  { value: 'rejected', label: 'Refused it' },
  { value: 'applied', label: 'Current' },
];

export interface InstancesCardProps {
  readonly instances: readonly FleetInstance[];
  /** How many there are in all. */
  readonly total: number;
  /** The newest revision. */
  readonly revision: number;
}

export function InstancesCard({ instances, total, revision }: InstancesCardProps) {
  const [filter, setFilter] = useState<InstanceFilter>({ q: '', state: '' });
  const shown = filterInstances(instances, filter);
  return (
    <Card title="Instances">
      <search className="flex flex-wrap items-center gap-2 border-line border-b p-3">
        <BareInput
          type="search"
          aria-label="Search instances"
          placeholder="Instance, app, version, commit or SDK"
          className="min-w-56 flex-1 sm:max-w-96"
          value={filter.q}
          onChange={(event) => setFilter({ ...filter, q: event.target.value })}
        />
        <Select
          label="State"
          value={filter.state}
          highlighted={filter.state !== ''}
          options={STATES}
          onChange={(state) => setFilter({ ...filter, state })}
        />
        <span role="status" className="ml-auto text-ink-faint text-xs tabular-nums">
          {shown.length !== total && `${shown.length.toLocaleString('en-GB')} of `}
          {counted(total, 'instance')}
          {instances.length < total && '; those behind and the newest are named'}
        </span>
      </search>
      <LongList items={shown} noun="instance">
        {(some) => (
          <ScrollRegion label="Connected instances">
            <table className="w-full text-left text-sm">
              <thead className="border-line border-b text-ink-faint text-xs">
                <tr>
                  <th scope="col" className="px-4 py-2 font-medium">
                    Instance
                  </th>
                  <th scope="col" className="px-4 py-2 font-medium max-md:hidden">
                    SDK
                  </th>
                  <th scope="col" className="px-4 py-2 font-medium">
                    Runs
                  </th>
                  <th scope="col" className="px-4 py-2 font-medium max-lg:hidden">
                    Connected
                  </th>
                  <th scope="col" className="px-4 py-2 font-medium max-sm:hidden">
                    Heard
                  </th>
                </tr>
              </thead>
              <tbody className="divide-y divide-line">
                {some.map((one) => (
                  <tr key={`${one.keyKind} ${one.instance} ${one.connectedAt}`} className="hover:bg-hover">
                    <th scope="row" className="w-full max-w-0 px-4 py-2 font-medium">
                      <div className="wrap-anywhere">{appName(one)}</div>
                      <div className="wrap-anywhere font-mono font-normal text-ink-faint text-xs">
                        {one.instance}
                        {one.app.commit !== null && ` · ${one.app.commit.slice(0, 10)}`}
                      </div>
                    </th>
                    <td className="whitespace-nowrap px-4 py-2 text-ink-soft max-md:hidden">{one.sdk}</td>
                    <td className="whitespace-nowrap px-4 py-2">
                      <StateBadge instance={one} revision={revision} />
                      {one.polls && <span className="ml-1.5 text-ink-faint text-xs">without a stream</span>}
                    </td>
                    <td className="whitespace-nowrap px-4 py-2 text-ink-soft max-lg:hidden">
                      <RelativeTime at={one.connectedAt} />
                    </td>
                    <td className="whitespace-nowrap px-4 py-2 text-ink-soft max-sm:hidden">
                      <RelativeTime at={one.heardAt} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            {shown.length === 0 && (
              <p className="px-4 py-8 text-balance text-center text-ink-faint text-sm">No instance that is named here fits.</p>
            )}
          </ScrollRegion>
        )}
      </LongList>
    </Card>
  );
}

function StateBadge({ instance, revision }: { readonly instance: FleetInstance; readonly revision: number }) {
  const { state, held } = instance;
  if (state === 'applied') return <Badge tone="good">{held?.revision ?? revision}</Badge>;
  if (state === 'rejected')
    return (
      <Badge tone="bad">
        {held === null ? '' : `${held.revision}, `}refused {revision}
      </Badge>
    );
  const behind = behindBy(instance, revision);
  if (held === null) return <Badge tone="warn">none yet</Badge>;
  return (
    <Badge tone="warn">
      {held.revision}
      {behind !== null && behind > 0 && <span className="font-normal">· {behind.toLocaleString('en-GB')} behind</span>}
    </Badge>
  );
}

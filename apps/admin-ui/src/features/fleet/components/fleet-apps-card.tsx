import { Badge } from '../../../components/ui/badge.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { BrowserIcon, ServerIcon } from '../../../components/ui/icons.tsx';
import { LongList } from '../../../components/ui/long-list.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import type { FleetApp } from '../fleet-rows.ts';

export interface FleetAppsCardProps {
  readonly apps: readonly FleetApp[];
  /** The newest revision. */
  readonly revision: number;
}

export function FleetAppsCard({ apps, revision }: FleetAppsCardProps) {
  return (
    <Card title="Apps and versions">
      <LongList items={apps} noun="app">
        {(shown) => (
          <ScrollRegion label="Apps and versions that are connected">
            <table className="w-full text-left text-sm">
              <thead className="border-line border-b text-ink-faint text-xs">
                <tr>
                  <th scope="col" className="px-4 py-2 font-medium">
                    App
                  </th>
                  <th scope="col" className="px-4 py-2 text-right font-medium">
                    Instances
                  </th>
                  <th scope="col" className="whitespace-nowrap px-4 py-2 font-medium">
                    Run revision
                  </th>
                </tr>
              </thead>
              <tbody className="divide-y divide-line">
                {shown.map((app) => (
                  <tr key={app.key} className="hover:bg-hover">
                    <th scope="row" className="w-full max-w-0 px-4 py-2 font-medium">
                      <div className="flex items-center gap-2">
                        <span
                          className="text-ink-faint"
                          title={app.keyKind === 'server' ? 'Server keys' : 'Client keys: browsers'}
                        >
                          {app.keyKind === 'server' ? <ServerIcon /> : <BrowserIcon />}
                        </span>
                        <span className="min-w-0 wrap-anywhere">{app.name}</span>
                      </div>
                      <div className="break-words pl-6 font-normal text-ink-faint text-xs">{app.sdks.join(', ')}</div>
                    </th>
                    <td className="px-4 py-2 text-right tabular-nums">{app.instances.toLocaleString('en-GB')}</td>
                    <td className="px-4 py-2">
                      <div className="flex flex-wrap gap-1">
                        {app.revisions.map(({ revision: held, instances }) => (
                          <Badge key={held} tone={held === revision ? 'good' : 'warn'}>
                            {held ?? 'none yet'}
                            {app.revisions.length > 1 && (
                              <span className="font-normal">× {instances.toLocaleString('en-GB')}</span>
                            )}
                          </Badge>
                        ))}
                        {app.rejected > 0 && <Badge tone="bad">{app.rejected} refused it</Badge>}
                        {app.polling > 0 && (
                          <Badge title="Without a stream: they ask every half minute">
                            {app.polling.toLocaleString('en-GB')} without a stream
                          </Badge>
                        )}
                      </div>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        )}
      </LongList>
    </Card>
  );
}

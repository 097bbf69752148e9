import { Badge } from '../../../components/ui/badge.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { BrowserIcon, ServerIcon } from '../../../components/ui/icons.tsx';
import type { FleetApp } from '../fleet-rows.ts';

export interface FleetAppsCardProps {
  readonly apps: readonly FleetApp[];
  /** The newest revision. */
  readonly revision: number;
}

export function FleetAppsCard({ apps, revision }: FleetAppsCardProps) {
  return (
    <Card title="Apps and versions">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="max-h-96 overflow-auto" aria-label="Apps and versions that are connected" tabIndex={0}>
        <table className="w-full text-left text-sm">
          <thead className="sticky top-0 border-line border-b bg-surface text-ink-faint text-xs">
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
            {apps.map((app) => (
              <tr key={app.key} className="hover:bg-hover">
                <th scope="row" className="w-full max-w-0 px-4 py-2 font-medium">
                  <div className="flex items-center gap-2">
                    <span className="text-ink-faint" title={app.keyKind === 'server' ? 'Server keys' : 'Client keys: browsers'}>
                      {app.keyKind === 'server' ? <ServerIcon /> : <BrowserIcon />}
                    </span>
                    <span className="truncate" title={app.name}>
                      {app.name}
                    </span>
                  </div>
                  <div className="truncate pl-6 font-normal text-ink-faint text-xs">{app.sdks.join(', ')}</div>
                </th>
                <td className="px-4 py-2 text-right tabular-nums">{app.instances.toLocaleString('en')}</td>
                <td className="px-4 py-2">
                  <div className="flex flex-wrap gap-1">
                    {app.revisions.map(({ revision: held, instances }) => (
                      <Badge key={held} tone={held === revision ? 'good' : 'warn'}>
                        {held ?? 'none yet'}
                        {app.revisions.length > 1 && <span className="font-normal">× {instances.toLocaleString('en')}</span>}
                      </Badge>
                    ))}
                    {app.rejected > 0 && <Badge tone="bad">{app.rejected} refused it</Badge>}
                    {app.polling > 0 && <Badge title="Without a stream: they ask every half minute">{app.polling} poll</Badge>}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}

import type { SdkKey } from '@yardarm/contract';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { classNames } from '../../../lib/class-names.ts';

export interface KeysTableProps {
  readonly keys: readonly SdkKey[];
  readonly onRevoke: (key: SdkKey) => void;
}

export function KeysTable({ keys, onRevoke }: KeysTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="overflow-x-auto" aria-label="SDK keys" tabIndex={0}>
      <table className="w-full min-w-max text-left text-sm">
        <thead className="border-line border-b text-ink-faint text-xs">
          <tr>
            {['Name', 'Kind', 'Key', 'Created'].map((title) => (
              <th key={title} scope="col" className="px-4 py-2 font-medium">
                {title}
              </th>
            ))}
            <th scope="col" className="px-4 py-2">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {keys.map((key) => (
            <tr key={key.id} className={classNames('hover:bg-hover', key.revokedAt && 'text-ink-faint')}>
              <th scope="row" className="max-w-64 truncate px-4 py-2 font-medium">
                {key.name}
              </th>
              <td className="px-4 py-2">{key.kind === 'server' ? 'Server, secret' : 'Client, public'}</td>
              <td className="px-4 py-2 font-mono text-xs">{key.prefix}…</td>
              <td className="px-4 py-2">
                <RelativeTime at={key.createdAt} />
              </td>
              <td className="h-11 px-4 py-1 text-right">
                {key.revokedAt ? (
                  <Badge>
                    revoked <RelativeTime at={key.revokedAt} />
                  </Badge>
                ) : (
                  <Button look="ghost" size="sm" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
                    Revoke
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

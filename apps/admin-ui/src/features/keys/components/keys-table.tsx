import type { SdkKey } from '@yardarm/contract';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { describeEnd } from '../../../lib/time.ts';

export interface KeysTableProps {
  readonly keys: readonly SdkKey[];
  /** Undefined: the reader may not. */
  readonly onRotate: ((key: SdkKey) => void) | undefined;
  readonly onRevoke: ((key: SdkKey) => void) | undefined;
}

export function KeysTable({ keys, onRotate, onRevoke }: KeysTableProps) {
  return (
    <ScrollRegion label="SDK keys">
      <table className="w-full text-left text-sm">
        <thead className="border-line border-b text-ink-faint text-xs">
          <tr>
            <th scope="col" className="px-4 py-2 font-medium">
              Key
            </th>
            <th scope="col" className="whitespace-nowrap px-4 py-2 font-medium max-sm:hidden">
              Last used
            </th>
            <th scope="col" className="px-4 py-2">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {keys.map((key) => (
            <tr key={key.id} className={classNames('hover:bg-hover', (key.revokedAt || hasEnded(key)) && 'text-ink-faint')}>
              {/* Takes what the others leave, so that the way to revoke a key never has to be scrolled to. */}
              <th scope="row" className="w-full max-w-0 px-4 py-2 font-medium">
                <div className="break-words">{key.name}</div>
                <div className="flex flex-wrap gap-x-3 font-normal text-ink-faint text-xs">
                  <span>{key.kind === 'server' ? 'Server, secret' : 'Client, public'}</span>
                  <span className="font-mono">{key.prefix}…</span>
                  <span className="max-sm:hidden">
                    made <RelativeTime at={key.createdAt} />
                  </span>
                  {key.allowedOrigins.length > 0 && <span>{key.allowedOrigins.join(', ')}</span>}
                </div>
              </th>
              <td className="whitespace-nowrap px-4 py-2 max-sm:hidden">
                {key.lastUsedAt ? <RelativeTime at={key.lastUsedAt} /> : 'never'}
              </td>
              <td className="h-11 whitespace-nowrap px-4 py-1 text-right">
                {key.revokedAt ? (
                  <Badge>
                    revoked <RelativeTime at={key.revokedAt} />
                  </Badge>
                ) : hasEnded(key) ? (
                  <Badge>{describeEnd(Date.parse(key.expiresAt), Date.now())}</Badge>
                ) : (
                  <div className="flex items-center justify-end gap-1">
                    {key.expiresAt ? (
                      <Badge>{describeEnd(Date.parse(key.expiresAt), Date.now())}</Badge>
                    ) : (
                      onRotate && (
                        <Button look="ghost" size="sm" aria-label={`Rotate ${key.name}`} onClick={() => onRotate(key)}>
                          Rotate
                        </Button>
                      )
                    )}
                    {onRevoke && (
                      <Button look="ghost" size="sm" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
                        Revoke
                      </Button>
                    )}
                  </div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** On this machine's clock, which decides nothing. */
function hasEnded(key: SdkKey): key is SdkKey & { expiresAt: string } {
  return key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now();
}

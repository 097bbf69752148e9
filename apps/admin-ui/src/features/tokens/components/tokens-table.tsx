import type { ApiToken } from '@yardarm/contract';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { describeRight } from '../../../lib/describe-right.ts';
import { describeEnd } from '../../../lib/time.ts';
import { TOKEN_WORDS } from '../token-words.ts';

export interface TokensTableProps {
  readonly tokens: readonly ApiToken[];
  readonly onRevoke: (token: ApiToken) => void;
}

export function TokensTable({ tokens, onRevoke }: TokensTableProps) {
  return (
    <ScrollRegion label="API tokens">
      <table className="w-full text-left text-sm">
        <thead className="border-line border-b text-ink-faint text-xs">
          <tr>
            <th scope="col" className="px-4 py-2 font-medium">
              Token
            </th>
            <th scope="col" className="px-4 py-2 font-medium max-md:hidden">
              May
            </th>
            <th scope="col" className="px-4 py-2 font-medium max-sm:hidden">
              Last used
            </th>
            <th scope="col" className="px-4 py-2">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {tokens.map((token) => (
            <tr key={token.id} className={classNames('hover:bg-hover', token.revokedAt !== null && 'text-ink-faint')}>
              <th scope="row" className="px-4 py-2 font-medium">
                <div className="break-words">{token.name}</div>
                <div className="font-normal text-ink-soft text-xs first-letter:uppercase md:hidden">
                  {mayDo(token).join('; ')}
                </div>
                <div className="flex flex-wrap gap-x-3 font-normal text-ink-faint text-xs">
                  <span>{token.owner === null ? TOKEN_WORDS[token.kind].name : `Personal, of ${token.owner}`}</span>
                  {/* The token of the configuration is kept as a hash alone. */}
                  {token.prefix !== '' && <span className="font-mono">{token.prefix}…</span>}
                  <span className="max-sm:hidden">
                    made by {token.createdBy} <RelativeTime at={token.createdAt} />
                  </span>
                </div>
              </th>
              <td className="px-4 py-2 max-md:hidden">
                {mayDo(token).map((words) => (
                  <div key={words} className="first-letter:uppercase">
                    {words}
                  </div>
                ))}
              </td>
              <td className="whitespace-nowrap px-4 py-2 max-sm:hidden">
                {token.lastUsedAt ? <RelativeTime at={token.lastUsedAt} /> : 'never'}
              </td>
              <td className="h-11 whitespace-nowrap px-4 py-1 text-right">
                {token.revokedAt ? (
                  <Badge>
                    revoked <RelativeTime at={token.revokedAt} />
                  </Badge>
                ) : (
                  <div className="flex items-center justify-end gap-1">
                    {token.expiresAt && <Badge>{describeEnd(Date.parse(token.expiresAt), Date.now())}</Badge>}
                    <Button look="ghost" size="sm" aria-label={`Revoke ${token.name}`} onClick={() => onRevoke(token)}>
                      Revoke
                    </Button>
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

function mayDo({ kind, owner, grants }: ApiToken): string[] {
  return kind === 'personal' ? [`what ${owner} may`] : grants.map(describeRight);
}

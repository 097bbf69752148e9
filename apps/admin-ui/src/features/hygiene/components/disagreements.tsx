/** What the code out there says that the project does not: defaults that differ from call to call, and keys of no flag. */
import type { HygieneOverview } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { Card } from '../../../components/ui/card.tsx';
import { LongList } from '../../../components/ui/long-list.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { times } from '../../../lib/counted.ts';

interface CodeDefaultsCardProps {
  readonly codeDefaults: HygieneOverview['codeDefaults'];
  readonly flagLink: (key: string) => ReactNode;
  readonly environmentName: (key: string) => ReactNode;
}

export function CodeDefaultsCard({ codeDefaults, flagLink, environmentName }: CodeDefaultsCardProps) {
  return (
    <Card title="Code defaults that differ">
      {codeDefaults.length === 0 ? (
        <p className="px-4 py-6 text-balance text-center text-ink-faint text-sm">
          No two calls are known to pass different code defaults for one flag.
        </p>
      ) : (
        <LongList items={codeDefaults} noun="flag">
          {(shown) => (
            <ul className="divide-y divide-line text-sm">
              {shown.map(({ flag, environment, defaults }) => (
                <li key={`${environment} ${flag}`} className="px-4 py-2.5">
                  <div className="flex flex-wrap items-baseline gap-x-2.5">
                    {flagLink(flag)}
                    <span className="text-ink-soft text-xs">{environmentName(environment)}</span>
                  </div>
                  <ul className="mt-0.5 text-ink-faint text-xs">
                    {defaults.map(({ app, hash, seenAt }) => (
                      <li key={`${app} ${hash}`}>
                        {app ?? 'an application without a name'} passes the one with fingerprint{' '}
                        <code className="font-mono text-ink-soft">{hash.slice(0, 10)}</code>, <RelativeTime at={seenAt} />
                      </li>
                    ))}
                  </ul>
                </li>
              ))}
            </ul>
          )}
        </LongList>
      )}
    </Card>
  );
}

interface UnknownKeysCardProps {
  readonly unknownKeys: HygieneOverview['unknownKeys'];
  readonly environmentName: (key: string) => ReactNode;
}

export function UnknownKeysCard({ unknownKeys, environmentName }: UnknownKeysCardProps) {
  return (
    <Card title="Unknown keys">
      {unknownKeys.length === 0 ? (
        <p className="px-4 py-6 text-balance text-center text-ink-faint text-sm">Nobody asks for a flag that does not exist.</p>
      ) : (
        <LongList items={unknownKeys} noun="key">
          {(shown) => (
            <ul className="divide-y divide-line text-sm">
              {shown.map(({ key, environment, app, n, seenAt, source }) => (
                <li key={`${source} ${environment} ${app} ${key}`} className="px-4 py-2.5">
                  <div className="flex flex-wrap items-baseline gap-x-2.5">
                    <code className="min-w-0 break-all font-mono text-xs">{key}</code>
                    {environment && <span className="text-ink-soft text-xs">{environmentName(environment)}</span>}
                  </div>
                  <p className="text-ink-faint text-xs">
                    {source === 'code'
                      ? `named ${times(n)} in code`
                      : `asked for ${times(n)} by ${app ?? 'an application without a name'}`}
                    , last <RelativeTime at={seenAt} />
                  </p>
                </li>
              ))}
            </ul>
          )}
        </LongList>
      )}
    </Card>
  );
}

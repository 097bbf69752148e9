/** What has arrived of the application that is being connected, and what is still waited for. */
import type { SdkKey } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { Card } from '../../../components/ui/card.tsx';
import { CheckIcon, WarningIcon } from '../../../components/ui/icons.tsx';
import { Spinner } from '../../../components/ui/spinner.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { counted, times } from '../../../lib/counted.ts';
import { isConnected } from '../connect-progress.ts';
import { useConnectProgress, type Watched } from '../use-connect-progress.ts';

export interface ProgressCardProps extends Watched {
  readonly environmentName: string;
  /** Leads on, once the flag was evaluated. */
  readonly next: ReactNode;
  /** Leads to a new flag of this key, for one that does not exist. */
  readonly createFlag: (flag: string) => ReactNode;
}

export function ProgressCard({ environmentName, next, createFlag, ...watched }: ProgressCardProps) {
  const progress = useConnectProgress(watched);
  const { app, flag, kind } = watched;
  const connected = isConnected(progress);
  const evaluated = progress.evaluations > 0;
  const unknown = progress.unknownFlags.filter((key) => key !== flag || !watched.isFlag);
  return (
    <Card title="Live" className="xl:sticky xl:top-6">
      <div role="status" data-testid="connect-progress" data-evaluated={evaluated}>
        <ol className="p-4">
          <Step
            state={connected ? 'done' : 'waiting'}
            title={connected ? `${app} is connected` : `Waiting for ${app} to connect…`}
            continues
          >
            {connected
              ? instancesSentence(progress.instances, kind, environmentName)
              : 'Run the code. This page sees it at once.'}
          </Step>
          <Step
            state={evaluated ? 'done' : connected ? 'waiting' : 'later'}
            title={evaluated ? 'The first evaluation has arrived' : 'Waiting for the first evaluation…'}
          >
            {evaluated
              ? `${app} has evaluated ${flag} ${times(progress.evaluations)} since yesterday.`
              : connected
                ? `Of ${flag}. Instances count in themselves and report about once a minute, and when they close.`
                : `Of ${flag}.`}
          </Step>
        </ol>
      </div>
      {unknown.map((key) => (
        <p key={key} className="flex items-start gap-2 border-line border-t bg-warn-soft px-4 py-3 text-sm">
          <WarningIcon className="mt-0.5 size-4 text-warn" />
          <span className="min-w-0 break-words">
            It asks for <code className="font-mono text-xs">{key}</code>, which does not exist here: it gets its code default.{' '}
            {createFlag(key)}
          </span>
        </p>
      ))}
      {evaluated ? (
        <div className="border-line border-t bg-good-soft px-4 py-3 text-sm" data-testid="connected">
          {next}
        </div>
      ) : (
        <Hints kind={kind} environmentName={environmentName} />
      )}
    </Card>
  );
}

function instancesSentence(instances: number, kind: SdkKey['kind'], environmentName: string): string {
  if (instances === 0) return 'It was here, and has left again.';
  return `${counted(instances, kind === 'server' ? 'instance' : 'page')} in ${environmentName}.`;
}

interface StepProps {
  readonly state: 'done' | 'waiting' | 'later';
  readonly title: string;
  /** Whether another step follows. */
  readonly continues?: boolean;
  readonly children: ReactNode;
}

function Step({ state, title, continues = false, children }: StepProps) {
  return (
    <li className={classNames('relative flex gap-3', continues && 'pb-5')}>
      {continues && <span aria-hidden="true" className="absolute top-7 bottom-0.5 left-3 w-px bg-line-strong" />}
      <span
        aria-hidden="true"
        className={classNames(
          'flex size-6 shrink-0 items-center justify-center rounded-full border',
          state === 'done' && 'border-transparent bg-good text-surface',
          state === 'waiting' && 'border-accent/40 bg-accent-soft text-accent',
          state === 'later' && 'border-line-strong text-ink-faint',
        )}
      >
        {state === 'done' && <CheckIcon className="size-3.5" />}
        {state === 'waiting' && <Spinner className="size-3.5" />}
      </span>
      <div className="min-w-0 pt-0.5">
        <p
          className={classNames(
            'break-words font-medium text-sm',
            state === 'done' && 'text-good',
            state === 'later' && 'text-ink-faint',
          )}
        >
          {title}
        </p>
        <p className="mt-0.5 break-words text-ink-faint text-xs">{children}</p>
      </div>
    </li>
  );
}

function Hints({ kind, environmentName }: { readonly kind: SdkKey['kind']; readonly environmentName: string }) {
  return (
    <details className="border-line border-t px-4 py-3 text-sm">
      <summary className="cursor-pointer text-ink-soft hover:text-ink">Nothing comes?</summary>
      <ul className="mt-2 list-disc space-y-1.5 pl-5 text-ink-soft text-xs">
        <li>The application says what is wrong: print what setProviderAndWait rejects with.</li>
        <li>Its key has to be one of {environmentName}: another environment's connects there, and not here.</li>
        <li>
          It has to reach <code className="break-all font-mono">{window.location.origin}</code> from where it runs; in a container
          that is seldom localhost.
        </li>
        {kind === 'client' ? (
          <li>A key with allowed origins refuses pages of others, and a flag has to be sent to browsers: its variants say so.</li>
        ) : (
          <li>A proxy that stops websockets is no obstacle, but what arrives then comes half a minute later.</li>
        )}
        <li>It is recognised by the name that the code gives it in app.</li>
      </ul>
    </details>
  );
}

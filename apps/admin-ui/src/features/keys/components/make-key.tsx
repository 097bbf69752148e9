/** The key of one application: made here with one click, or one that is at hand. */
import type { Environment, SdkKey } from '@yardarm/contract';
import { Button } from '../../../components/ui/button.tsx';
import { CopyButton } from '../../../components/ui/copy-button.tsx';
import { CheckIcon, KeyIcon, LockIcon } from '../../../components/ui/icons.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { useCreateKey } from '../api/create-key.ts';

export interface MakeKeyProps {
  readonly project: string;
  readonly environment: Environment;
  readonly kind: SdkKey['kind'];
  /** Becomes the name of the key. */
  readonly app: string;
  /** The one that was made, secret included; null: none yet. */
  readonly made: SdkKey | null;
  readonly allowed: boolean;
  readonly onMade: (key: SdkKey) => void;
}

const WORDS = {
  server: { kind: 'server key', about: 'A secret of the processes you run: it reads the whole rule set.' },
  client: { kind: 'client key', about: 'Public, for browsers: it reads flags that are sent to browsers.' },
} as const;

export function MakeKey({ project, environment, kind, app, made, allowed, onMade }: MakeKeyProps) {
  const creating = useCreateKey(project);
  const words = WORDS[kind];
  if (made?.secret)
    return (
      <div className="p-4">
        <p role="status" className="mb-2 flex items-start gap-1.5 text-good text-sm">
          <CheckIcon className="mt-0.5 size-4" />
          <span>Made, and put into the code below. It is shown on this page only, and not again: only its hash is stored.</span>
        </p>
        <div className="flex items-center gap-2 rounded-md border border-line-strong bg-sunken py-1.5 pr-1.5 pl-3">
          <code className="min-w-0 flex-1 break-all font-mono text-xs" data-testid="made-key">
            {made.secret}
          </code>
          <CopyButton text={made.secret} label="Copy SDK key" words />
        </div>
      </div>
    );
  if (!allowed)
    return (
      <p className="flex items-start gap-2 p-4 text-ink-soft text-sm">
        <LockIcon className="mt-0.5 size-4 text-ink-faint" />
        <span>
          Making keys takes an administrator of {environment.name}. Ask one for a {words.kind}, and put it where the code says.
        </span>
      </p>
    );
  return (
    <div className="space-y-2 p-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 text-ink-soft text-sm">{words.about} One that you have works too.</p>
        <Button
          look="primary"
          pending={creating.isPending}
          data-testid="make-key"
          onClick={() => creating.mutate({ environment: environment.key, kind, name: app }, { onSuccess: onMade })}
        >
          <KeyIcon /> Make a {words.kind} for {app.length > 24 ? 'it' : app}
        </Button>
      </div>
      {made && (
        <InlineError message="A key was made, and its secret was lost on the way. Make another; the lost one can be revoked on the page of SDK keys." />
      )}
      {creating.error && <InlineError message={toSentence(creating.error)} />}
    </div>
  );
}

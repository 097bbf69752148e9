import { Tabs } from '@base-ui/react/tabs';
import type { SdkKey } from '@yardarm/contract';
import { Card } from '../../../components/ui/card.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { installCommand, setUpCode } from '../set-up-code.ts';

const LANGUAGES: readonly { kind: SdkKey['kind']; title: string; placeholder: string; note: string }[] = [
  {
    kind: 'server',
    title: 'Node',
    placeholder: 'process.env.YARDARM_SERVER_KEY',
    note: 'A server key reads the whole rule set, targets and segments included. Keep it secret.',
  },
  {
    kind: 'client',
    title: 'Browser',
    placeholder: 'yc_…',
    note: 'A client key is public. It reads only flags that are sent to browsers, with names and lists hashed.',
  },
];

/** `secret`: the key that was just made, to be put into the code of its kind. */
export function SetUpCard({ environmentName, secret }: { readonly environmentName: string; readonly secret: SdkKey | null }) {
  return (
    <Card title={`Connect an application to ${environmentName}`}>
      <Tabs.Root defaultValue={secret?.kind ?? 'server'} key={secret?.id} className="p-4">
        <Tabs.List className="mb-3 inline-flex gap-0.5 rounded-md border border-line bg-sunken p-0.5">
          {LANGUAGES.map(({ kind, title }) => (
            <Tabs.Tab
              key={kind}
              value={kind}
              className="h-7 rounded px-3 font-medium text-ink-faint text-sm hover:text-ink data-active:bg-surface data-active:text-ink data-active:shadow-card"
            >
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {LANGUAGES.map(({ kind, title, placeholder, note }) => (
          <Tabs.Panel key={kind} value={kind} className="space-y-2.5 outline-offset-4">
            <CodeBlock code={installCommand(kind)} label={`${title} install command`} />
            <CodeBlock
              code={setUpCode({
                kind,
                url: window.location.origin,
                key: secret?.kind === kind && secret.secret ? secret.secret : placeholder,
              })}
              label={`${title} set-up code`}
            />
            <p className="text-ink-faint text-xs">{note}</p>
          </Tabs.Panel>
        ))}
      </Tabs.Root>
    </Card>
  );
}

import { Tabs } from '@base-ui/react/tabs';
import type { SdkKey } from '@yardarm/contract';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { instructionsFor, isLanguage, LANGUAGES, type Language, type SetUp } from '../set-up-code.ts';

export interface SetUpCodeTabsProps extends Omit<SetUp, 'key'> {
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
  /** The key that was just made, to be put into the code of its kind. */
  readonly secret: SdkKey | null;
}

export function SetUpCodeTabs({ language, onLanguage, secret, ...setUp }: SetUpCodeTabsProps) {
  return (
    <Tabs.Root value={language} onValueChange={(value) => isLanguage(value) && onLanguage(value)} className="p-4">
      <Tabs.List className="mb-4 flex w-fit max-w-full flex-wrap gap-0.5 rounded-md border border-line bg-sunken p-0.5">
        {LANGUAGES.map(({ language: value, title }) => (
          <Tabs.Tab
            key={value}
            value={value}
            className="h-7 rounded px-3 font-medium text-ink-faint text-sm hover:text-ink data-active:bg-surface data-active:text-ink data-active:shadow-card"
          >
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {LANGUAGES.map(({ language: value, title, kind }) => {
        const key = secret?.kind === kind ? (secret.secret ?? null) : null;
        const { steps, note } = instructionsFor(value, { ...setUp, key });
        return (
          <Tabs.Panel key={value} value={value} className="space-y-4 outline-offset-4">
            {steps.map((step, index) => (
              <div key={step.title}>
                <h3 className="mb-1.5 text-ink-soft text-sm">
                  <span className="mr-1.5 text-ink-faint tabular-nums">{index + 1}.</span>
                  {step.title}
                </h3>
                <CodeBlock code={step.code} label={`${title}: ${step.title}`} />
              </div>
            ))}
            <p className="text-ink-faint text-xs">{note}</p>
          </Tabs.Panel>
        );
      })}
    </Tabs.Root>
  );
}

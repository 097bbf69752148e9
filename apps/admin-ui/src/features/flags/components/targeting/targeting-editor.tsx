/** Everything that decides who gets what in one environment, in the order in which it decides. */
import type { Flag } from '@yardarm/contract';
import type { ReactNode } from 'react';
import type { Vocabulary } from '../../../../components/condition/vocabulary.ts';
import { Card } from '../../../../components/ui/card.tsx';
import { KeepFocus } from '../../../../components/ui/keep-focus.tsx';
import { Select } from '../../../../components/ui/select.tsx';
import type { Targeting } from '../../targeting/targeting.ts';
import { RulesEditor } from './rules-editor.tsx';
import { ServeEditor } from './serve-editor.tsx';
import { PrerequisitesEditor, TargetsEditor } from './targets-editor.tsx';

const CODE_DEFAULT = ' default';

export interface TargetingEditorProps {
  readonly flag: Flag;
  readonly now: Targeting;
  readonly onChange: (now: Targeting) => void;
  readonly vocabulary: Vocabulary;
  /** Of the project, archived ones left out. */
  readonly flags: readonly Flag[];
  readonly issueAt: (path: string) => string | undefined;
}

export function TargetingEditor({ flag, now, onChange, vocabulary, flags, issueAt }: TargetingEditorProps) {
  const variants = Object.keys(flag.variants);
  const edit = (part: Partial<Targeting>) => onChange({ ...now, ...part });
  return (
    <div className="space-y-4">
      <Step
        title="Prerequisites"
        about="Unless each of these flags serves one of the named variants, everybody gets what is served when off."
      >
        <PrerequisitesEditor
          prerequisites={now.prerequisites}
          flags={flags.filter(({ key }) => key !== flag.key)}
          issueAt={issueAt}
          onChange={(prerequisites) => edit({ prerequisites })}
        />
      </Step>
      <Step title="Targets" about="Whoever is named here by targeting key gets that variant, whatever the rules say.">
        <TargetsEditor targets={now.targets} variants={variants} issueAt={issueAt} onChange={(targets) => edit({ targets })} />
      </Step>
      <Step title="Rules" about="From the top: the first rule that holds decides.">
        <RulesEditor
          rules={now.rules}
          variants={variants}
          vocabulary={vocabulary}
          issueAt={issueAt}
          onChange={(rules) => edit({ rules })}
        />
      </Step>
      <Step title="Everybody else">
        <ServeEditor
          serve={now.fallthrough}
          variants={variants}
          allowsDefault
          issue={issueAt('/fallthrough')}
          of="everybody else"
          onChange={(fallthrough) => edit({ fallthrough })}
        />
      </Step>
      <Step title="When off" about="What everybody gets while the flag is off here, and while a prerequisite is not met.">
        <div className="flex items-center gap-2 text-sm">
          <span className="text-ink-soft">serve</span>
          <Select
            label="What is served when off"
            value={now.offVariant ?? CODE_DEFAULT}
            options={[
              ...[...new Set([...variants, ...(now.offVariant === null ? [] : [now.offVariant])])].map((name) => ({
                value: name,
                label: name,
              })),
              { value: CODE_DEFAULT, label: 'the code default' },
            ]}
            onChange={(choice) => edit({ offVariant: choice === CODE_DEFAULT ? null : choice })}
          />
        </div>
        {issueAt('/offVariant') && <p className="mt-1 text-bad text-xs">{issueAt('/offVariant')}</p>}
      </Step>
    </div>
  );
}

function Step({ title, about, children }: { readonly title: string; readonly about?: string; readonly children: ReactNode }) {
  return (
    <Card title={title}>
      <div className="p-4">
        {about && <p className="mb-3 text-ink-faint text-sm">{about}</p>}
        <KeepFocus>{children}</KeepFocus>
      </div>
    </Card>
  );
}

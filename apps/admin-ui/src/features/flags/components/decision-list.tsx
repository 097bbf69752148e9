/** How a value is decided before everybody else's turn: prerequisites, targets, rules; in the order of evaluation. */
import type { FlagEnvironment } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { Phrases } from '../../../components/phrases.tsx';
import { conditionSentence, serveSentence, shorten } from '../../../lib/rule-sentence.ts';

export interface DecisionListProps {
  readonly state: FlagEnvironment;
  readonly flagLink: (key: string) => ReactNode;
}

export function DecisionList({ state, flagLink }: DecisionListProps) {
  if (state.prerequisites.length + state.targets.length + state.rules.length === 0) return null;
  return (
    <ol className="space-y-1.5 text-sm leading-5">
      {state.prerequisites.map((prerequisite) => (
        <Step key={`prerequisite ${prerequisite.flag}`} label="needs">
          {flagLink(prerequisite.flag)} <span className="text-ink-soft">to serve</span>{' '}
          <Phrases phrases={prerequisite.variants.map((variant) => ({ kind: 'variant', text: variant }))} />
        </Step>
      ))}
      {state.targets.map((target) => {
        const { shown, more } = shorten(target.keys);
        return (
          <Step key={`target ${target.variant}`} label="target">
            <Phrases
              phrases={[
                { kind: 'value', text: shown.join(', ') },
                ...(more > 0 ? [{ kind: 'text' as const, text: `and ${more} more` }] : []),
                { kind: 'text', text: 'get' },
                { kind: 'variant', text: target.variant },
              ]}
            />
          </Step>
        );
      })}
      {state.rules.map((rule, index) => (
        <Step key={rule.id} label={`rule ${index + 1}`}>
          <Phrases
            phrases={[
              { kind: 'text', text: 'if' },
              ...conditionSentence(rule.when),
              { kind: 'text', text: 'serve' },
              ...serveSentence(rule.serve),
            ]}
          />
        </Step>
      ))}
    </ol>
  );
}

function Step({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <li className="flex gap-2.5">
      <span className="w-11 shrink-0 pt-px text-ink-faint text-xs leading-5">{label}</span>
      <span className="min-w-0 break-words">{children}</span>
    </li>
  );
}

/** The rules in their order: the first that holds decides. They are read as sentences, opened to be edited, and dragged or moved by keys. */
import { useState } from 'react';
import type { Vocabulary } from '../../../../components/condition/vocabulary.ts';
import { Button } from '../../../../components/ui/button.tsx';
import { PlusIcon } from '../../../../components/ui/icons.tsx';
import { moved, newRule, type Rule, replaced, without } from '../../targeting/targeting.ts';
import { RuleCard } from './rule-card.tsx';

export interface RulesEditorProps {
  readonly rules: readonly Rule[];
  readonly onChange: (rules: Rule[]) => void;
  readonly variants: readonly string[];
  readonly vocabulary: Vocabulary;
  readonly issueAt: (path: string) => string | undefined;
}

export function RulesEditor({ rules, onChange, variants, vocabulary, issueAt }: RulesEditorProps) {
  const [open, setOpen] = useState<string | null>(null);
  const [dragged, setDragged] = useState<string | null>(null);
  const [announced, setAnnounced] = useState('');
  const move = (from: number, to: number) => {
    if (to < 0 || to >= rules.length || from === to || from < 0) return;
    onChange(moved(rules, from, to));
    setAnnounced(`Rule ${from + 1} is now rule ${to + 1} of ${rules.length}.`);
  };
  const indexOf = (id: string | null) => rules.findIndex((rule) => rule.id === id);
  return (
    <div>
      <ol className="space-y-2" aria-label="Rules">
        {rules.map((rule, index) => (
          <RuleCard
            key={rule.id}
            rule={rule}
            number={index + 1}
            count={rules.length}
            open={open === rule.id}
            dragged={dragged === rule.id}
            variants={variants}
            vocabulary={vocabulary}
            path={`/rules/${index}`}
            issueAt={issueAt}
            onOpen={(next) => setOpen(next ? rule.id : null)}
            onChange={(next) => onChange(replaced(rules, index, next))}
            onMove={(by) => move(index, index + by)}
            onRemove={() => onChange(without(rules, index))}
            onDragStart={() => setDragged(rule.id)}
            onDragOver={() => move(indexOf(dragged), index)}
            onDragEnd={() => setDragged(null)}
          />
        ))}
      </ol>
      {rules.length === 0 && (
        <p className="text-ink-faint text-sm">No rule yet: everybody whom no target names gets what stands below.</p>
      )}
      <p aria-live="polite" className="sr-only">
        {announced}
      </p>
      <Button
        className="mt-2"
        size="sm"
        onClick={() => {
          const rule = newRule(rules, variants[0] as string);
          onChange([...rules, rule]);
          setOpen(rule.id);
        }}
      >
        <PlusIcon className="size-3.5" /> Add rule
      </Button>
    </div>
  );
}

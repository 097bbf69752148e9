import { ConditionEditor } from '../../../../components/condition/condition-editor.tsx';
import type { Vocabulary } from '../../../../components/condition/vocabulary.ts';
import { Phrases } from '../../../../components/phrases.tsx';
import { Button } from '../../../../components/ui/button.tsx';
import { ChevronRightIcon, CloseIcon, GripIcon } from '../../../../components/ui/icons.tsx';
import { MoveButtons } from '../../../../components/ui/move-buttons.tsx';
import { classNames } from '../../../../lib/class-names.ts';
import { conditionSentence, serveSentence } from '../../../../lib/rule-sentence.ts';
import type { Rule } from '../../targeting/targeting.ts';
import { ServeEditor } from './serve-editor.tsx';

export interface RuleCardProps {
  readonly rule: Rule;
  readonly number: number;
  readonly count: number;
  readonly open: boolean;
  readonly dragged: boolean;
  readonly variants: readonly string[];
  readonly vocabulary: Vocabulary;
  readonly path: string;
  readonly issueAt: (path: string) => string | undefined;
  readonly onOpen: (open: boolean) => void;
  readonly onChange: (rule: Rule) => void;
  /** By -1 or 1. */
  readonly onMove: (by: number) => void;
  readonly onRemove: () => void;
  readonly onDragStart: () => void;
  readonly onDragOver: () => void;
  readonly onDragEnd: () => void;
}

export function RuleCard(props: RuleCardProps) {
  const { rule, number, count, open, dragged, variants, vocabulary, path, issueAt, onOpen, onChange, onMove, onRemove } = props;
  const name = `rule ${number}`;
  const issue = issueAt(path);
  return (
    <li
      className={classNames('rounded-md border bg-surface', issue ? 'border-bad' : 'border-line', dragged && 'opacity-50')}
      onDragOver={(event) => {
        event.preventDefault();
        props.onDragOver();
      }}
      onDrop={(event) => event.preventDefault()}
    >
      <div className="flex flex-wrap items-start gap-1 p-1.5 sm:flex-nowrap">
        <span
          draggable
          title="Drag to reorder"
          aria-hidden="true"
          data-testid={`grip-${rule.id}`}
          className="flex size-7 shrink-0 cursor-grab items-center justify-center text-ink-faint max-sm:hidden"
          onDragStart={(event) => {
            event.dataTransfer.effectAllowed = 'move';
            // Firefox drags nothing without data.
            event.dataTransfer.setData('text/plain', rule.id);
            props.onDragStart();
          }}
          onDragEnd={props.onDragEnd}
        >
          <GripIcon />
        </span>
        <button
          type="button"
          aria-expanded={open}
          className="flex min-w-0 flex-1 items-start gap-2 rounded px-1 py-1 text-left text-sm leading-5 hover:bg-hover max-sm:basis-full"
          onClick={() => onOpen(!open)}
        >
          <ChevronRightIcon className={classNames('mt-0.5 size-4 text-ink-faint transition-transform', open && 'rotate-90')} />
          <span className="w-12 shrink-0 text-ink-faint text-xs leading-5">{name}</span>
          <span className="min-w-0 break-words">
            <Phrases
              phrases={[
                { kind: 'text', text: 'if' },
                ...conditionSentence(rule.when),
                { kind: 'text', text: 'serve' },
                ...serveSentence(rule.serve),
              ]}
            />
          </span>
        </button>
        <span className="ml-auto flex">
          <MoveButtons of={name} isFirst={number === 1} isLast={number === count} onMove={onMove} />
          <Button look="ghost" size="icon" aria-label={`Remove ${name}`} title="Remove" onClick={onRemove}>
            <CloseIcon />
          </Button>
        </span>
      </div>
      {issue && !open && <p className="px-4 pb-2 text-bad text-xs">{issue}</p>}
      {open && (
        <div className="space-y-3 border-line border-t p-3">
          <ConditionEditor
            condition={rule.when}
            vocabulary={vocabulary}
            path={`${path}/when`}
            issueAt={issueAt}
            of={name}
            onChange={(when) => onChange({ ...rule, when })}
          />
          <ServeEditor
            serve={rule.serve}
            variants={variants}
            allowsDefault={false}
            issue={issueAt(`${path}/serve`)}
            of={name}
            onChange={(serve) => serve && onChange({ ...rule, serve })}
          />
        </div>
      )}
    </li>
  );
}

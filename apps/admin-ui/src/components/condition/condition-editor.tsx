/** Edits a condition of any shape: groups within groups, down to attributes, segments and the time. */
import type { Condition } from '@yardarm/evaluator';
import {
  fromGroup,
  fromWholeGroup,
  type Group,
  type GroupKind,
  NEW_PART,
  toGroup,
  wholeGroup,
} from '../../lib/condition-edits.ts';
import { Button } from '../ui/button.tsx';
import { CloseIcon, PlusIcon } from '../ui/icons.tsx';
import { Select } from '../ui/select.tsx';
import { ConditionPart } from './condition-part.tsx';
import type { Vocabulary } from './vocabulary.ts';

const KINDS: readonly { readonly value: GroupKind; readonly label: string }[] = [
  { value: 'all', label: 'all of' },
  { value: 'any', label: 'any of' },
  { value: 'none', label: 'none of' },
  { value: 'not_all', label: 'not all of' },
];

export interface ConditionEditorProps {
  readonly condition: Condition;
  readonly onChange: (condition: Condition) => void;
  readonly vocabulary: Vocabulary;
  /** JSON Pointer of the condition, for `issueAt`. */
  readonly path: string;
  readonly issueAt: (path: string) => string | undefined;
  /** Says in controls what they belong to: `rule 2`. */
  readonly of: string;
}

/** The whole condition of a rule or segment. */
export function ConditionEditor({ condition, onChange, ...shared }: ConditionEditorProps) {
  return (
    <GroupEditor {...shared} group={wholeGroup(condition)} onChange={(kind, parts) => onChange(fromWholeGroup(kind, parts))} />
  );
}

interface GroupEditorProps extends Pick<ConditionEditorProps, 'vocabulary' | 'path' | 'issueAt' | 'of'> {
  readonly group: Group;
  readonly onChange: (kind: GroupKind, parts: readonly Condition[]) => void;
  /** Undefined: the whole cannot be taken away. */
  readonly onRemove?: () => void;
}

function GroupEditor({ group: { kind, parts, paths }, onChange, onRemove, vocabulary, path, issueAt, of }: GroupEditorProps) {
  const add = (part: Condition) => onChange(kind, [...parts, part]);
  const change = (index: number, part: Condition) =>
    onChange(
      kind,
      parts.map((one, at) => (at === index ? part : one)),
    );
  const remove = (index: number) =>
    onChange(
      kind,
      parts.filter((_, at) => at !== index),
    );
  const empty = parts.length === 0 ? issueAt(path) : undefined;
  return (
    <fieldset className="min-w-0 rounded-md border border-line border-l-3 border-l-line-strong bg-surface/60 py-2 pr-2 pl-3">
      <legend className="sr-only">Conditions of {of}</legend>
      <div className="mb-2 flex items-center gap-2 text-ink-soft text-sm">
        <Select
          label={`How the conditions of ${of} are combined`}
          value={kind}
          options={KINDS}
          onChange={(next) => onChange(next, parts)}
        />
        {parts.length === 1 && kind === 'all' ? 'this condition' : 'these conditions'}
        {onRemove && (
          <Button
            look="ghost"
            size="icon"
            className="ml-auto"
            aria-label={`Remove the group of ${of}`}
            title="Remove the group"
            onClick={onRemove}
          >
            <CloseIcon />
          </Button>
        )}
      </div>
      <div className="space-y-2">
        {parts.map((part, index) => {
          const shared = { vocabulary, path: `${path}${paths[index]}`, issueAt, of, onRemove: () => remove(index) };
          const inner = toGroup(part);
          return inner ? (
            <GroupEditor
              // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
              key={index}
              {...shared}
              group={inner}
              onChange={(next, innerParts) => change(index, fromGroup(next, innerParts))}
            />
          ) : (
            <ConditionPart
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              key={index}
              {...shared}
              condition={part}
              removable={onRemove !== undefined || parts.length > 1}
              onChange={(next) => change(index, next)}
            />
          );
        })}
      </div>
      {empty && <p className="text-bad text-xs">{empty}</p>}
      <div className="mt-2 flex flex-wrap gap-1">
        <Adder label="Attribute" of={of} onClick={() => add(NEW_PART)} />
        {vocabulary.segments && <Adder label="Segment" of={of} onClick={() => add({ segment: '' })} />}
        <Adder label="Time" of={of} onClick={() => add({ now: 'after', values: [nextHourMs()] })} />
        <Adder label="Group" of={of} onClick={() => add({ any: [NEW_PART] })} />
      </div>
    </fieldset>
  );
}

function Adder({ label, of, onClick }: { readonly label: string; readonly of: string; readonly onClick: () => void }) {
  return (
    <Button look="ghost" size="sm" aria-label={`Add to ${of}: ${label.toLowerCase()}`} onClick={onClick}>
      <PlusIcon className="size-3.5" /> {label}
    </Button>
  );
}

function nextHourMs(): number {
  return Math.ceil(Date.now() / 3_600_000) * 3_600_000;
}

/** One condition that has no parts, on a line: an attribute, a segment, or the time. */
import type { Condition } from '@yardarm/evaluator';
import type { ReactNode } from 'react';
import { isDate } from '../../lib/time.ts';
import { Button } from '../ui/button.tsx';
import { BareInput } from '../ui/field.tsx';
import { CloseIcon } from '../ui/icons.tsx';
import { Select } from '../ui/select.tsx';
import { AttributeFields } from './attribute-fields.tsx';
import type { Vocabulary } from './vocabulary.ts';

export interface ConditionPartProps {
  readonly condition: Condition;
  readonly onChange: (condition: Condition) => void;
  readonly onRemove: () => void;
  readonly removable: boolean;
  readonly vocabulary: Vocabulary;
  readonly path: string;
  readonly issueAt: (path: string) => string | undefined;
  readonly of: string;
}

export function ConditionPart({ condition, onChange, onRemove, removable, vocabulary, path, issueAt, of }: ConditionPartProps) {
  const issue = issueAt(path);
  return (
    <div>
      <div className="flex items-start gap-2">
        <div className="flex min-w-0 flex-1 flex-wrap items-start gap-2">
          {fieldsOf(condition, onChange, vocabulary, of, issue)}
        </div>
        {removable && (
          <Button look="ghost" size="icon" aria-label={`Remove this condition of ${of}`} title="Remove" onClick={onRemove}>
            <CloseIcon />
          </Button>
        )}
      </div>
      {issue && <p className="mt-1 text-bad text-xs">{issue}</p>}
    </div>
  );
}

function fieldsOf(
  condition: Condition,
  onChange: (condition: Condition) => void,
  vocabulary: Vocabulary,
  of: string,
  issue: string | undefined,
): ReactNode {
  const segment = segmentOf(condition);
  if (segment !== null) return <SegmentFields {...segment} onChange={onChange} vocabulary={vocabulary} of={of} />;
  if ('now' in condition) return <TimeFields condition={condition} onChange={onChange} of={of} />;
  if (!('attribute' in condition)) return null;
  return (
    <AttributeFields condition={condition} onChange={onChange} vocabulary={vocabulary} of={of} invalid={issue !== undefined} />
  );
}

function segmentOf(condition: Condition): { readonly segment: string; readonly inside: boolean } | null {
  if ('segment' in condition) return { segment: condition.segment, inside: true };
  if ('not' in condition && 'segment' in condition.not) return { segment: condition.not.segment, inside: false };
  return null;
}

interface SegmentFieldsProps extends Pick<ConditionPartProps, 'onChange' | 'vocabulary' | 'of'> {
  readonly segment: string;
  readonly inside: boolean;
}

function SegmentFields({ segment, inside, onChange, vocabulary, of }: SegmentFieldsProps) {
  const segments = vocabulary.segments ?? [];
  const write = (key: string, isInside: boolean) => onChange(isInside ? { segment: key } : { not: { segment: key } });
  const known = segments.map(({ key, name }) => ({ value: key, label: name === key ? key : `${name} (${key})` }));
  const options = [
    ...(segment === '' ? [{ value: '', label: segments.length === 0 ? 'there is no segment yet' : 'choose a segment' }] : []),
    ...known,
    ...(segment !== '' && !known.some(({ value }) => value === segment) ? [{ value: segment, label: segment }] : []),
  ];
  return (
    <>
      <Select
        label={`In the segment or not, in ${of}`}
        value={inside ? 'in' : 'out'}
        options={[
          { value: 'in', label: 'is in segment' },
          { value: 'out', label: 'is not in segment' },
        ]}
        onChange={(choice) => write(segment, choice === 'in')}
      />
      <Select label={`Segment of ${of}`} value={segment} options={options} onChange={(key) => write(key, inside)} />
    </>
  );
}

type TimeCondition = Extract<Condition, { readonly now: unknown }>;

function TimeFields({
  condition,
  onChange,
  of,
}: {
  readonly condition: TimeCondition;
  readonly onChange: (next: Condition) => void;
  readonly of: string;
}) {
  const { now, values } = condition;
  return (
    <>
      <Select
        label={`Before or after, in ${of}`}
        value={now}
        options={[
          { value: 'after', label: 'it is after' },
          { value: 'before', label: 'it is before' },
        ]}
        onChange={(next) => onChange({ now: next, values })}
      />
      <BareInput
        type="datetime-local"
        step={60}
        aria-label={`Time of ${of}, in your time zone`}
        title="In your time zone"
        className="max-w-52"
        value={toLocalText(values[0])}
        onChange={(event) => {
          const instantMs = new Date(event.target.value).getTime();
          if (Number.isFinite(instantMs)) onChange({ now, values: [instantMs] });
        }}
      />
    </>
  );
}

/** `2027-01-31T13:00`, as the field wants it. */
function toLocalText(instantMs: number | undefined): string {
  if (instantMs === undefined || !isDate(instantMs)) return '';
  const offsetMs = new Date(instantMs).getTimezoneOffset() * 60_000;
  return new Date(instantMs - offsetMs).toISOString().slice(0, 16);
}

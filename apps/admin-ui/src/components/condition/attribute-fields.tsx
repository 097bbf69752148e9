/** `country is one of DE, AT`: an attribute, an operator, and the values that it takes. */
import type { AttributeCondition, Condition, Operator } from '@yardarm/evaluator';
import { useState } from 'react';
import {
  OPERATOR_FORMS,
  OPERATOR_OPTIONS,
  parseValue,
  readEntries,
  type ScalarType,
  typeOfValues,
  withOperator,
  withType,
} from '../../lib/operator-forms.ts';
import { BareInput } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import { SuggestInput } from '../ui/suggest-input.tsx';
import { TokenInput } from '../ui/token-input.tsx';
import { declaredType, type Vocabulary } from './vocabulary.ts';

const TYPES: readonly { readonly value: ScalarType; readonly label: string }[] = [
  { value: 'string', label: 'as text' },
  { value: 'number', label: 'as number' },
  { value: 'boolean', label: 'as true or false' },
];
const TRUTH = ['true', 'false'].map((value) => ({ value, label: value }));

export interface AttributeFieldsProps {
  readonly condition: AttributeCondition;
  readonly onChange: (condition: Condition) => void;
  readonly vocabulary: Vocabulary;
  readonly of: string;
  readonly invalid: boolean;
}

export function AttributeFields({ condition, onChange, vocabulary, of, invalid }: AttributeFieldsProps) {
  const { attribute, op, ignoreCase = false } = condition;
  const declared = declaredType(vocabulary, attribute);
  const { form, folds } = OPERATOR_FORMS[op];
  const type = typeOfValues(condition, declared);
  return (
    <>
      <SuggestInput
        aria-label={`Attribute of ${of}`}
        aria-invalid={(invalid && attribute === '') || undefined}
        placeholder="attribute"
        className="max-w-44 font-mono text-xs"
        value={attribute}
        suggestions={[
          { value: 'targetingKey', label: 'who is asking' },
          ...vocabulary.attributes.map(({ name, description }) => ({ value: name, label: description })),
        ]}
        onText={(text) => onChange({ ...condition, attribute: text.trim() })}
      />
      <Select
        label={`Operator of ${of}`}
        value={op}
        options={OPERATOR_OPTIONS}
        onChange={(next: Operator) => onChange(withOperator(condition, next, declared))}
      />
      <Values condition={condition} type={type} onChange={onChange} of={of} invalid={invalid} />
      {form === 'scalar' && declared !== type && (
        <Select
          label={`Type of the values of ${of}`}
          value={type as ScalarType}
          options={TYPES}
          onChange={(next) => onChange(withType(condition, next))}
        />
      )}
      {folds && type === 'string' && (
        <label className="inline-flex h-8 items-center gap-1.5 text-ink-soft text-sm">
          <input
            type="checkbox"
            className="checkbox shrink-0"
            checked={ignoreCase}
            onChange={(event) => {
              const { ignoreCase: _, ...exact } = condition;
              onChange(event.target.checked ? { ...exact, ignoreCase: true } : exact);
            }}
          />
          ignore case
        </label>
      )}
    </>
  );
}

interface ValuesProps extends Pick<AttributeFieldsProps, 'condition' | 'onChange' | 'of' | 'invalid'> {
  readonly type: ScalarType | 'instant';
}

function Values({ condition, type, onChange, of, invalid }: ValuesProps) {
  const { op, values = [] } = condition;
  const { count, example } = OPERATOR_FORMS[op];
  const label = count === 'one' ? `Value of ${of}` : `Values of ${of}`;
  if (count === 'none') return null;
  if (type === 'boolean')
    return (
      <Select
        label={label}
        value={String(values[0] ?? true)}
        options={TRUTH}
        onChange={(text) => onChange({ ...condition, values: [text === 'true'] })}
      />
    );
  if (count === 'one' && values.length <= 1)
    return (
      <OneValue
        key={op}
        label={label}
        value={values[0]}
        type={type}
        example={example}
        invalid={invalid}
        onChange={(next) => onChange({ ...condition, values: next })}
      />
    );
  return (
    <div className="min-w-48 flex-1">
      <TokenInput
        label={label}
        tokens={values.map(String)}
        placeholder={`${example}, …`}
        invalid={invalid && values.length === 0}
        toToken={(typed) => {
          const value = parseValue(typed, type);
          return value === null ? null : String(value);
        }}
        onChange={(tokens) => onChange({ ...condition, values: readEntries(tokens, values, type) })}
      />
    </div>
  );
}

interface OneValueProps {
  readonly label: string;
  readonly value: string | number | boolean | undefined;
  readonly type: ScalarType | 'instant';
  readonly example: string;
  readonly invalid: boolean;
  readonly onChange: (values: readonly (string | number | boolean)[]) => void;
}

/** What is typed stays as it is typed, although only what can be read counts. */
function OneValue({ label, value, type, example, invalid, onChange }: OneValueProps) {
  const [typed, setTyped] = useState(value === undefined ? '' : String(value));
  const stands = parseValue(typed, type);
  return (
    <BareInput
      aria-label={label}
      aria-invalid={(invalid && stands === null) || undefined}
      inputMode={type === 'number' ? 'decimal' : undefined}
      placeholder={example}
      className="max-w-64 font-mono text-xs"
      // Whatever came from elsewhere (another type, somebody else's edit) takes the place of what was typed.
      value={value !== undefined && stands !== value ? String(value) : typed}
      onChange={(event) => {
        setTyped(event.target.value);
        const next = parseValue(event.target.value, type);
        onChange(next === null ? [] : [next]);
      }}
    />
  );
}

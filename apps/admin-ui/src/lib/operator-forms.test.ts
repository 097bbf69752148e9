import type { AttributeCondition } from '@yardarm/evaluator';
import { describe, expect, it } from 'vitest';
import { OPERATOR_OPTIONS, parseValue, readEntries, typeOfValues, withOperator, withType } from './operator-forms.ts';

const condition = (op: AttributeCondition['op'], values: AttributeCondition['values'] = []): AttributeCondition => ({
  attribute: 'plan',
  op,
  values,
});

describe('OPERATOR_OPTIONS', () => {
  it('has words of its own for every operator', () => {
    expect(new Set(OPERATOR_OPTIONS.map(({ label }) => label)).size).toBe(OPERATOR_OPTIONS.length);
  });
});

describe('typeOfValues', () => {
  it('takes the type of the values there are, then the declared one, then text', () => {
    expect(typeOfValues(condition('in', [1]), 'string')).toBe('number');
    expect(typeOfValues(condition('in'), 'boolean')).toBe('boolean');
    expect(typeOfValues(condition('in'), undefined)).toBe('string');
  });

  it('is fixed by an operator that compares one type only', () => {
    expect(typeOfValues(condition('gt', ['5']), 'string')).toBe('number');
    expect(typeOfValues(condition('before'), undefined)).toBe('instant');
  });
});

describe('parseValue', () => {
  it.each([
    ['42', 'number', 42],
    ['4x', 'number', null],
    ['true', 'boolean', true],
    ['false', 'boolean', false],
    ['yes', 'boolean', null],
    [' pro ', 'string', 'pro'],
    ['  ', 'string', null],
  ] as const)('reads %j as %s: %j', (text, type, value) => {
    expect(parseValue(text, type)).toBe(value);
  });
});

describe('withOperator', () => {
  it('keeps what fits: one value of several, numbers of texts', () => {
    expect(withOperator(condition('in', ['5', 'x']), 'gt')).toEqual({ attribute: 'plan', op: 'gt', values: [5] });
    expect(withOperator(condition('in', ['a', 'b']), 'equals')).toEqual({ attribute: 'plan', op: 'equals', values: ['a'] });
  });

  it('leaves an instant that is a number one', () => {
    expect(withOperator(condition('before', [1_735_689_600_000]), 'after').values).toEqual([1_735_689_600_000]);
  });

  it('has no values where the operator takes none, and no case to ignore where it has none', () => {
    const ignoring: AttributeCondition = { ...condition('equals', ['a']), ignoreCase: true };
    expect(withOperator(ignoring, 'exists')).toEqual({ attribute: 'plan', op: 'exists' });
    expect(withOperator(ignoring, 'starts_with')).toEqual({ ...condition('starts_with', ['a']), ignoreCase: true });
  });
});

describe('readEntries', () => {
  it('leaves what was there as it was when something is added: of another type, with spaces, empty', () => {
    expect(readEntries(['1', 'a', ' b ', '', '2'], [1, 'a', ' b ', ''], 'number')).toEqual([1, 'a', ' b ', '', 2]);
  });
});

describe('withType', () => {
  it('reads the values again, and drops what is none of that type', () => {
    expect(withType(condition('in', ['1', 'x']), 'number').values).toEqual([1]);
    expect(withType(condition('in', [1, 2]), 'string').values).toEqual(['1', '2']);
    expect(withType(condition('in', ['x']), 'boolean').values).toEqual([true]);
  });
});

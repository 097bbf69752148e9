/** equals and in: strict equality with any of the values, which may be hashed. */
import { isScalar } from '../attribute.ts';
import { hashValue } from '../hash.ts';
import { isString } from '../json.ts';
import type { CompileMatch } from './operators.ts';
import { folder } from './text.ts';

/** A type that none of the values has is a wrong type: strict, so `not_in ["5"]` says nothing about the number 7. */
export const matchScalar: CompileMatch = (values, { ignoreCase, salt }) => {
  if (!values.every(isScalar)) return 'values';
  if (!ignoreCase && salt === undefined && values.every(isString)) return new Set(values);
  const types = new Set(values.map((value) => typeof value));
  const fold = folder(ignoreCase);
  const wanted = new Set<unknown>(salt === undefined ? values.map(fold) : values);
  return (value) => {
    if (!isScalar(value) || !types.has(typeof value)) return undefined;
    const folded = fold(value);
    return wanted.has(salt === undefined || !isString(folded) ? folded : hashValue(salt, folded));
  };
};

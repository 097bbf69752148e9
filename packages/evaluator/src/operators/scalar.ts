/** equals and in: strict equality with any of the values, which may be hashed. */
import { hashValue } from '../hash.ts';
import type { CompileMatch } from './match.ts';

/** A type that none of the values has is a wrong type: strict, so `not_in ["5"]` says nothing about the number 7. */
export const compileScalar: CompileMatch = (values, { ignoreCase, hashingSalt }) => {
  if (!values.every(isScalar)) return 'values';
  if (!ignoreCase && hashingSalt === undefined && values.every((value) => typeof value === 'string')) return new Set(values);
  const types = new Set(values.map((value) => typeof value));
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const lookup = (text: string) => (hashingSalt === undefined ? fold(text) : hashValue(hashingSalt, fold(text)));
  const wanted = new Set<unknown>(
    values.map((value) => (typeof value === 'string' && hashingSalt === undefined ? fold(value) : value)),
  );
  return (value) => {
    if (!isScalar(value) || !types.has(typeof value)) return undefined;
    return wanted.has(typeof value === 'string' ? lookup(value) : value);
  };
};

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

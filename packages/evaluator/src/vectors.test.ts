import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as evaluator from './index.ts';
import { OPERATORS } from './rule-set.ts';
import { checkVectors, type Vectors } from './testing/vectors.ts';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
const vectors = { hash: read('hash'), operators: read('operators'), evaluation: read('evaluation') } as Vectors;

it('every vector of the language gets its answer', () => {
  const { checked, failures } = checkVectors(evaluator, vectors);
  expect(failures).toEqual([]);
  expect(checked).toBeGreaterThan(500);
});

it('the vectors have a version and hit every operator, both ways', () => {
  expect([vectors.hash.version, vectors.operators.version, vectors.evaluation.version]).toEqual([1, 1, 1]);
  for (const op of OPERATORS) {
    const answers = new Set(vectors.operators.cases.filter((vector) => vector.op === op).map(({ expected }) => expected));
    expect([op, answers.size]).toEqual([op, 2]);
  }
});

it('an evaluator that answers otherwise is found out', () => {
  const wrong = { ...evaluator, bucketOf: () => 0, resolve: () => ({ reason: 'STATIC' }) as const };
  expect(checkVectors(wrong as unknown as typeof evaluator, vectors).failures.length).toBeGreaterThan(300);
});

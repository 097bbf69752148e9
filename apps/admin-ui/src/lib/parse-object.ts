import type { EvaluationContext } from '@yardarm/evaluator';

/** The JSON object that a text is; null where it is none. */
export function parseObject(text: string): EvaluationContext | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as EvaluationContext) : null;
  } catch {
    return null;
  }
}

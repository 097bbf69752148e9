/**
 * The published schemas of OFREP 0.3.0, for tests to hold answers against. One keyword is read otherwise: the value of a success is
 * `oneOf` six types that overlap (`codeDefaultFlag` is any object, an integer is a number too), so that taken literally no answer with a
 * value fits, the examples of the publication included. It is read as `anyOf`.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

export type OfrepSchema =
  | 'serverEvaluationSuccess'
  | 'bulkEvaluationSuccess'
  | 'evaluationFailure'
  | 'flagNotFound'
  | 'bulkEvaluationFailure'
  | 'generalErrorResponse';

interface Published {
  readonly components: {
    readonly schemas: { readonly evaluationSuccess: { readonly allOf: { oneOf?: unknown; anyOf?: unknown }[] } };
  };
}

const published = (): Published => JSON.parse(readFileSync(new URL('ofrep-0.3.0.json', import.meta.url), 'utf8'));

/** @param literal with the overlapping `oneOf` as it was published */
export function ofrepProblems(schema: OfrepSchema, answer: unknown, { literal = false } = {}): readonly string[] {
  const document = published();
  if (!literal)
    for (const part of document.components.schemas.evaluationSuccess.allOf)
      if (part.oneOf !== undefined) {
        part.anyOf = part.oneOf;
        delete part.oneOf;
      }
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(document, 'ofrep');
  const validate = ajv.getSchema(`ofrep#/components/schemas/${schema}`);
  if (validate === undefined) throw new Error(`OFREP 0.3.0 has no schema '${schema}'.`);
  return validate(answer) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Which schema an answer must fit; null: it must have no body. */
export function ofrepSchemaOf(kind: 'single' | 'bulk', status: number): OfrepSchema | null {
  if ([304, 401, 403, 429].includes(status)) return null;
  if (status === 200) return kind === 'single' ? 'serverEvaluationSuccess' : 'bulkEvaluationSuccess';
  if (status === 404 && kind === 'single') return 'flagNotFound';
  if (status === 400) return kind === 'single' ? 'evaluationFailure' : 'bulkEvaluationFailure';
  if (status === 500 || status === 503) return 'generalErrorResponse';
  throw new Error(`OFREP 0.3.0 has no answer ${status} to a ${kind} evaluation.`);
}

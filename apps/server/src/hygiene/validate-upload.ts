/**
 * Judges uploaded references some in a turn, each as its schema says: of 20 000 at once that is most of a second on a busy machine, in which
 * no rule reaches anybody. Refuses with every problem of them and of the rest.
 */
import { MAX_REFERENCES, uploadReferencesInput } from '@yardarm/contract';
import type { FastifySchemaCompiler } from 'fastify';
import { type core, ZodType, type z } from 'zod';
import { inSlices, NODE_TURNS, type Turns } from '../delivery/in-slices.ts';
import { refusalOf, validateWithZod } from '../http/zod-compilers.ts';

const reference = uploadReferencesInput.shape.references.element;
const SLICE = { count: 20, ms: 4 };

/** Whatever else is of the route is judged as everywhere. */
export const validateUpload: FastifySchemaCompiler<unknown> = ({ schema, ...route }) => {
  // The brand is for linters, which take it for a promise that is handled.
  if (route.httpPart === 'body')
    return (body: unknown) => readUpload(body) as ReturnType<ReturnType<FastifySchemaCompiler<unknown>>>;
  if (!(schema instanceof ZodType)) throw new TypeError(`The ${route.httpPart} of ${route.url} have no schema of zod.`);
  return validateWithZod({ ...route, schema });
};

/** Rejects with `validation_failed`. Fills in `body` itself: of a promise fastify asks only whether it was kept. */
export async function readUpload(body: unknown, turns: Turns = NODE_TURNS): Promise<true> {
  const given: unknown[] = isWithReferences(body) ? body.references : [];
  const isTooMany = given.length > MAX_REFERENCES;
  const rest = uploadReferencesInput.safeParse(isWithReferences(body) ? { ...body, references: [] } : body);
  const issues: core.$ZodIssue[] = [...(rest.error?.issues ?? [])];
  if (isTooMany)
    issues.push({
      ...{ code: 'too_big', origin: 'array', maximum: MAX_REFERENCES, inclusive: true, path: ['references'] },
      ...{ input: undefined, message: `Too big: expected array to have <=${MAX_REFERENCES} items` },
    });
  const references: z.output<typeof reference>[] = [];
  let index = 0;
  await inSlices(
    isTooMany ? [] : given,
    (one) => {
      const parsed = reference.safeParse(one);
      if (parsed.success) references.push(parsed.data);
      else issues.push(...parsed.error.issues.map((issue) => ({ ...issue, path: ['references', index, ...issue.path] })));
      index++;
    },
    turns,
    SLICE,
  );
  if (!rest.success || issues.length > 0) throw refusalOf(issues);
  Object.assign(body as object, rest.data, { references });
  return true;
}

function isWithReferences(body: unknown): body is { references: unknown[] } {
  return typeof body === 'object' && body !== null && 'references' in body && Array.isArray(body.references);
}

import type { Logic, ReportObstacle } from './definition.ts';

/** JavaScript finds these on texts and lists too, where the rule language finds nothing. */
const DATA_OF_BUILT_INS = /^(?:length|__proto__|0|[1-9]\d*)$/;

/**
 * Reads a dotted path of the context. An obstacle where flagd would read something else: its own variables, escapes,
 * empty steps, and steps that lead into what the language itself attaches to objects, texts and lists.
 */
export function readAttribute(attribute: string, path: string, report: ReportObstacle): Logic {
  const steps = attribute.split('.');
  const strange = steps.some(
    (step, index) =>
      step === '' ||
      step === '__proto__' ||
      (index === 0 ? step === '$flagd' : DATA_OF_BUILT_INS.test(step)) ||
      (index < steps.length - 1 && isBuiltIn(step)),
  );
  if (strange || attribute.includes('\\')) report('attribute', path);
  // With a default, since flagd's interpreter would otherwise answer `a.b` with `a` where that is 0, '' or false.
  return { var: steps.length > 1 ? [attribute, null] : attribute };
}

/** Functions have members of their own. At the end of a path they are nothing: flagd reads no functions. */
function isBuiltIn(step: string): boolean {
  return [Object, Array, String, Number, Boolean].some(({ prototype }) => Object.hasOwn(prototype, step));
}

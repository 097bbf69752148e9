/**
 * What a browser could read out of the client view of a rule set: what must not be there (conditions on sensitive
 * attributes whose values cannot travel as hashes), and what somebody should know is there. Pure.
 */
import type { AttributeCondition, Condition, FlagBody, RuleSet } from '@yardarm/evaluator';
import { bodyPath, escapeStep } from '@yardarm/evaluator/validate';
import { canHash, segmentsOf, visitLeaves } from './client-view.ts';

/** One place of a rule set that browsers can read. */
export interface Exposure {
  /**
   * `readable_values`: values that a condition compares with. `personal_values`: some of them look like an address of
   * a person or a machine. `secret_variant`: a variant's value looks like a secret.
   */
  readonly code: 'readable_values' | 'personal_values' | 'secret_variant';
  /** JSON Pointer into the rule set. */
  readonly path: string;
  readonly message: string;
}

/** A condition that the client view has to refuse. */
export interface Unhashable {
  readonly code: 'sensitive_condition';
  readonly path: string;
  readonly message: string;
}

interface PlacedCondition {
  /** `Rule 'r1' of flag 'checkout'`. */
  readonly what: string;
  readonly path: string;
  readonly condition: AttributeCondition;
}

/** Shown of a list of values; the rest is as readable, and needs no sentence. */
const SHOWN_VALUES = 3;
const SHOWN_CHARS = 40;
const PERSONAL = /[^\s@]@[^\s@]|^\d{1,3}(\.\d{1,3}){3}(\/\d+)?$|^\+\d{7,15}$/;
/** Of a value: a secret begins early, and the whole is looked through on the event loop, while a change holds the head. */
const LOOKED_AT_CHARS = 4_096;
/** Key blocks, tokens of well-known services, signed tokens, and whatever is called a password. Repeats have bounds: without them the time grows with the square of the text. */
const SECRET =
  /-----BEGIN [A-Z ]*PRIVATE KEY|\b(sk|rk)_live_\w|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{20}|\bxox[abprs]-|\beyJ[\w-]{1,512}\.eyJ[\w-]|"?(password|secret|api_?key)"?\s*[:=]\s*"?\S/i;

/** Conditions on attributes of `sensitive` that a browser would receive with readable values. */
export function findUnhashable(ruleSet: RuleSet, sensitive: ReadonlySet<string>): Unhashable[] {
  if (sensitive.size === 0) return [];
  const unhashable = conditionsOf(ruleSet).filter(
    ({ condition }) => isReadable(condition) && isSensitive(condition.attribute, sensitive),
  );
  return unhashable.map(({ what, path, condition: { attribute, op } }) => ({
    code: 'sensitive_condition',
    path,
    message: `${what} would show browsers what the sensitive attribute '${attribute}' is compared with: '${op}' cannot be evaluated on hashes of these values. Compare whole texts with 'in' or 'equals', mark the flag not clientSide, or declare the attribute not sensitive.`,
  }));
}

/** Everything readable that somebody should know of, in the order of the rule set. */
export function findExposures(ruleSet: RuleSet): Exposure[] {
  const variants = clientFlags(ruleSet).flatMap(([key, flag]) =>
    Object.entries(flag.variants).flatMap(([name, value]): Exposure[] => {
      if (!SECRET.test((isText(value) ? value : JSON.stringify(value)).slice(0, LOOKED_AT_CHARS))) return [];
      const message = `Variant '${name}' of flag '${key}' looks like a secret, and browsers receive it.`;
      return [{ code: 'secret_variant', path: `${bodyPath('flag', key)}/variants/${escapeStep(name)}`, message }];
    }),
  );
  const conditions = conditionsOf(ruleSet).flatMap(({ what, path, condition }): Exposure[] => {
    if (!isReadable(condition)) return [];
    const values = condition.values ?? [];
    const isPersonal = values.some((value) => typeof value === 'string' && PERSONAL.test(value));
    const code = isPersonal ? 'personal_values' : 'readable_values';
    const message = `${what} shows browsers what '${condition.attribute}' is compared with (${condition.op} ${toExcerpt(values)}).`;
    return [{ code, path, message }];
  });
  return [...variants, ...conditions];
}

/** A declaration of `user` covers `user.email`. */
function isSensitive(attribute: string, sensitive: ReadonlySet<string>): boolean {
  for (let end = attribute.length; end > 0; end = attribute.lastIndexOf('.', end - 1))
    if (sensitive.has(attribute.slice(0, end))) return true;
  return false;
}

/** Whether the client view carries values of it as they are. */
function isReadable(condition: AttributeCondition): boolean {
  return (condition.values ?? []).length > 0 && !(canHash(condition) && condition.values?.every(isText));
}

function clientFlags({ flags }: RuleSet): [string, FlagBody][] {
  return Object.entries(flags).filter(([, flag]) => flag.clientSide === true);
}

/** Of the flags marked for browsers and of the segments that they use. */
function conditionsOf(ruleSet: RuleSet): PlacedCondition[] {
  const found: PlacedCondition[] = [];
  const used = new Set<string>();
  for (const [key, flag] of clientFlags(ruleSet)) {
    for (const segment of segmentsOf(flag)) used.add(segment);
    for (const [index, rule] of (flag.rules ?? []).entries())
      collect(
        rule.when,
        { what: `Rule '${rule.id}' of flag '${key}'`, path: `${bodyPath('flag', key)}/rules/${index}/when` },
        found,
      );
  }
  for (const key of used) {
    const when = Object.hasOwn(ruleSet.segments, key) ? ruleSet.segments[key]?.when : null;
    if (when) collect(when, { what: `Segment '${key}'`, path: `${bodyPath('segment', key)}/when` }, found);
  }
  return found;
}

function collect(condition: Condition, place: Omit<PlacedCondition, 'condition'>, found: PlacedCondition[]): void {
  visitLeaves(condition, place.path, (leaf, path) => {
    if ('attribute' in leaf) found.push({ what: place.what, path, condition: leaf });
  });
}

function toExcerpt(values: readonly unknown[]): string {
  const shown = values.slice(0, SHOWN_VALUES).map((value) => `'${String(value).slice(0, SHOWN_CHARS)}'`);
  return values.length > SHOWN_VALUES ? `${shown.join(', ')} and ${values.length - SHOWN_VALUES} more` : shown.join(', ');
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/**
 * The regular expressions of a command before it is run, and before any lock is taken, since checking takes time. Those that
 * could hold up an evaluating process are refused; conditions with a quadratic one get a smaller input (`maxInput`).
 */
import type { Command } from '@yardarm/contract';
import type { AttributeCondition, Condition } from '@yardarm/evaluator';
import { AppError, type ErrorDetail } from '../errors.ts';
import { toJsonPath } from '../http/zod-details.ts';
import {
  checkPatterns,
  type Pattern,
  type PatternDeadlines,
  type PatternVerdict,
  QUADRATIC_MAX_INPUT,
} from './check-patterns.ts';

/** More in one request would keep a core busy for as long as the checker may take. */
const MAX_PATTERNS = 200;

const REMEDY = "Rewrite it without nested or adjacent repetitions, or use 'in', 'starts_with', 'ends_with' or 'contains'.";

/** Why a pattern is refused; verdicts that are not here accept it. An invalid one is the rule compiler's to explain. */
const REFUSALS: { readonly [verdict in PatternVerdict]?: { readonly code: string; readonly why: string } } = {
  worse: { code: 'pattern_too_slow', why: 'it can take more than quadratic time, or too long on a short text.' },
  undecided: { code: 'pattern_undecided', why: 'how long it can take could not be found out in time.' },
};

interface Place {
  /** `Rule 2 (r2)`. */
  readonly what: string;
  readonly path: readonly (string | number)[];
}

/** The command with `maxInput` set where it has to be and nowhere else. Throws `validation_failed` with every refusal. */
export async function admitPatterns<C extends Command>(command: C, deadlines?: PatternDeadlines): Promise<C> {
  const patterns = new Map<string, Pattern>();
  mapConditions(command, (condition) => {
    for (const pattern of patternsOf(condition)) patterns.set(idOf(pattern), pattern);
    return condition;
  });
  if (patterns.size > MAX_PATTERNS) {
    throw new AppError('validation_failed', `The request has ${patterns.size} regular expressions; ${MAX_PATTERNS} are allowed.`);
  }
  const ids = [...patterns.keys()];
  const checked = await checkPatterns([...patterns.values()], deadlines);
  const verdicts = new Map(ids.map((id, index) => [id, checked[index]]));
  const details: ErrorDetail[] = [];
  const admitted = mapConditions(command, (condition, { what, path }) => {
    const { maxInput: _written, ...rest } = condition;
    let quadratic = false;
    for (const [index, pattern] of patternsOf(condition).entries()) {
      const verdict = verdicts.get(idOf(pattern)) ?? 'undecided';
      quadratic ||= verdict === 'quadratic';
      const refusal = REFUSALS[verdict];
      if (refusal === undefined) continue;
      const message = `${what} has the pattern '${pattern.source}', which is not allowed: ${refusal.why} ${REMEDY}`;
      details.push({ path: toJsonPath([...path, 'values', index]), message, code: refusal.code });
    }
    return quadratic ? { ...rest, maxInput: QUADRATIC_MAX_INPUT } : rest;
  });
  const [first] = details;
  if (first === undefined) return admitted;
  const message = details.length === 1 ? first.message : `${first.message} And ${details.length - 1} more; see details.`;
  throw new AppError('validation_failed', message, { details });
}

type MapAttribute = (condition: AttributeCondition, place: Place) => AttributeCondition;

/** The command with every attribute condition replaced by what `map` makes of it. */
function mapConditions<C extends Command>(command: C, map: MapAttribute): C {
  switch (command.type) {
    case 'flag.configure': {
      const rules = command.input.rules?.map((rule, index) => ({
        ...rule,
        when: mapCondition(rule.when, { what: `Rule ${index + 1} ('${rule.id}')`, path: ['rules', index, 'when'] }, map),
      }));
      return rules === undefined ? command : { ...command, input: { ...command.input, rules } };
    }
    case 'segment.create':
    case 'segment.configure': {
      const { when } = command.input;
      if (when === undefined || when === null) return command;
      const place = { what: 'The condition of the segment', path: ['when'] };
      return { ...command, input: { ...command.input, when: mapCondition(when, place, map) } };
    }
    default:
      return command;
  }
}

function mapCondition(condition: Condition, place: Place, map: MapAttribute): Condition {
  const inside = (part: Condition, ...steps: (string | number)[]) =>
    mapCondition(part, { what: place.what, path: [...place.path, ...steps] }, map);
  if ('all' in condition) return { all: condition.all.map((part, index) => inside(part, 'all', index)) };
  if ('any' in condition) return { any: condition.any.map((part, index) => inside(part, 'any', index)) };
  if ('not' in condition) return { not: inside(condition.not, 'not') };
  return 'attribute' in condition ? map(condition, place) : condition;
}

function patternsOf({ op, values, ignoreCase }: AttributeCondition): readonly Pattern[] {
  if (op !== 'matches' && op !== 'not_matches') return [];
  return (values ?? []).flatMap((value) =>
    typeof value === 'string' ? [{ source: value, ignoreCase: ignoreCase === true }] : [],
  );
}

function idOf({ source, ignoreCase }: Pattern): string {
  return `${ignoreCase ? 'i' : ''}:${source}`;
}

/** Compares `resolve` on a rule set with flagd's own evaluation of its export. */
import { FlagdCore } from '@openfeature/flagd-core';
import { compile } from '../compile.ts';
import type { EvaluationContext } from '../resolution.ts';
import { resolve } from '../resolve.ts';
import type { FlagType, FlagValue, RuleSet } from '../rule-set.ts';
import { type FlagdExport, toFlagd } from '../to-flagd/to-flagd.ts';

/** What an application would pass; none of it is the value of a variant in the generated rule sets. */
const CODE_DEFAULTS: { readonly [type in FlagType]: FlagValue } = {
  boolean: true,
  string: 'code default',
  number: -404,
  object: { code: 'default' },
};
const TYPES = Object.keys(CODE_DEFAULTS) as FlagType[];

export interface Comparison {
  readonly exported: FlagdExport;
  /** Evaluations compared: two a portable flag, context and engine, one of them of another type. */
  readonly evaluations: number;
  /** Those that ended with a variant. */
  readonly withVariant: number;
  /** One line per difference; empty if all is equal. */
  readonly differences: readonly string[];
}

/** Compares every portable flag for every context, at `nowMs`, with both engines that flagd-core has. */
export function compareWithFlagd(ruleSet: RuleSet, contexts: readonly EvaluationContext[], nowMs: number): Comparison {
  const exported = toFlagd(ruleSet);
  const rules = compile(ruleSet);
  const differences: string[] = [];
  let evaluations = 0;
  let withVariant = 0;
  for (const disableDynamicCodeGeneration of [false, true]) {
    const flagd = loadFlagd(exported, disableDynamicCodeGeneration, (complaint) => differences.push(complaint));
    for (const key of Object.keys(exported.flags)) {
      const own = (ruleSet.flags[key] as { readonly type: FlagType }).type;
      for (const [index, context] of contexts.entries()) {
        for (const type of [own, TYPES[index % TYPES.length] as FlagType]) {
          const { value = CODE_DEFAULTS[type], variant } = resolve(rules, key, type, context, nowMs);
          const theirs = atTime(nowMs, () => flagd.resolve(type, key, CODE_DEFAULTS[type] as never, context as never));
          evaluations++;
          if (variant !== undefined) withVariant++;
          const [expected, actual] = [
            JSON.stringify({ variant, value }),
            JSON.stringify({ variant: theirs.variant, value: theirs.value }),
          ];
          if (expected !== actual)
            differences.push(
              `${key} as ${type} for ${JSON.stringify(context)}: ${expected}, and flagd says ${actual} (${theirs.errorMessage ?? theirs.reason})`,
            );
        }
      }
    }
  }
  return { exported, evaluations, withVariant, differences };
}

/** flagd with an export loaded; it complains where the export does not fit the published schema. */
export function loadFlagd(
  { flags }: FlagdExport,
  disableDynamicCodeGeneration: boolean,
  complain: (complaint: string) => void,
): FlagdCore {
  const silent = () => {};
  let loading = true;
  const listen = (message: string) => {
    if (loading) complain(message);
  };
  const flagd = new FlagdCore(
    undefined,
    { error: listen, warn: listen, info: silent, debug: listen },
    { disableDynamicCodeGeneration },
  );
  flagd.setConfigurations(JSON.stringify({ $schema: 'https://flagd.dev/schema/v0/flags.json', flags }));
  loading = false;
  return flagd;
}

/** flagd-core takes the time from the system. */
function atTime<Result>(nowMs: number, act: () => Result): Result {
  const systemNow = Date.now;
  Date.now = () => nowMs;
  try {
    return act();
  } finally {
    Date.now = systemNow;
  }
}

/** Adds the conditions of every portable flag that is on, its segments' included, to the counts of their operators. */
export function countOperators(ruleSet: RuleSet, { flags }: FlagdExport, counts: Map<string, number>): void {
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { op, segment } = part as { readonly op?: unknown; readonly segment?: unknown };
    if (typeof op === 'string') counts.set(op, (counts.get(op) ?? 0) + 1);
    if (typeof segment === 'string') visit(ruleSet.segments[segment]?.when);
    for (const member of Object.values(part)) visit(member);
  };
  for (const key of Object.keys(flags)) {
    const { on = false, rules = [] } = ruleSet.flags[key] ?? {};
    if (on) for (const { when } of rules) visit(when);
  }
}

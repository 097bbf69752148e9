/** What a view of a logged revision holds and answers, rendered from nothing but that revision's bodies. */
import { type CompiledRuleSet, compile, type EvaluationContext, type FlagBody, type RuleSet, resolve } from '@yardarm/evaluator';
import type { Kill, SyncState, View } from '@yardarm/sync';
import { renderRuleSet } from '../../ruleset/build.ts';
import { startRules } from '../../ruleset/environment-rules.ts';
import { viewState } from '../../ruleset/rule-set-view.ts';
import { IDENTITY, type LoggedRevision } from './database.ts';
import { BOUNDARY_MS, FLAG_KEYS, UNITS } from './edits.ts';

export interface Expected {
  readonly state: SyncState;
  readonly ruleSet: RuleSet;
  /** JSON text of each body, by `flag:<key>` and `segment:<key>`. */
  readonly texts: ReadonlyMap<string, string>;
  /** By flag key. */
  readonly answers: ReadonlyMap<string, string>;
}

export function expectedOf(logged: LoggedRevision, view: View): Expected {
  const { views } = startRules(IDENTITY, logged, [...logged.bodies.values()]);
  const { header, bodies } = views[view];
  const ruleSet = JSON.parse(renderRuleSet(header, bodies.values())) as RuleSet;
  const texts = new Map([...bodies].map(([id, { text }]) => [id, comparable(text)]));
  return { state: viewState(views[view]), ruleSet, texts, answers: answersOf(compile(ruleSet)) };
}

/**
 * Without its revision. Who polls and is told 304 moves on and keeps the older, equal body; and a browser's body keeps the
 * revision of its last visible change, which a revision alone cannot tell.
 */
export function comparable(bodyText: string): string {
  return bodyText.replace(/"revision":\d+,"tag"/, '"tag"');
}

/** The answers of a flag with this body; `kill`: off, whatever else it says. */
export function answerOfBody(
  { ruleSet }: Expected,
  key: string,
  body: FlagBody,
  kill: Pick<Kill, 'offVariant'> | undefined,
): string {
  const inUse = kill === undefined ? body : { ...body, on: false, offVariant: kill.offVariant };
  return answerOf(compile({ ...ruleSet, flags: { [key]: inUse } }), key);
}

export function answersOf(rules: CompiledRuleSet): ReadonlyMap<string, string> {
  return new Map(FLAG_KEYS.map((key) => [key, answerOf(rules, key)]));
}

const CONTEXTS: readonly EvaluationContext[] = UNITS.map((targetingKey) => ({ targetingKey }));

/** Everything that is asked of one flag: for each context, before and after the instant of the time rules. */
function answerOf(rules: CompiledRuleSet, key: string): string {
  const answers = CONTEXTS.flatMap((context) =>
    [BOUNDARY_MS - 1, BOUNDARY_MS + 1].map((nowMs) => {
      const { value, variant, errorCode } = resolve(rules, key, 'string', context, nowMs);
      return `${variant ?? errorCode ?? '-'}=${String(value)}`;
    }),
  );
  return answers.join(' ');
}

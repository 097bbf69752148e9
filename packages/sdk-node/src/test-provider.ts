/** For the tests of applications: a provider whose rules are in memory. No server, no connection, no timer, no counts. */
import { createHash } from 'node:crypto';
import type {
  EvaluationContext,
  FlagConfiguration,
  FlagType,
  FlagValue,
  RuleSet,
  SegmentConfiguration,
} from '@yardarm/evaluator';
import { validate } from '@yardarm/evaluator/validate';
import { decide, loadRuleSet, metadataOf, type ProviderNotice, refuse, type Store, toDetails } from '@yardarm/sync';
import { LocalProvider, type OnTrack } from './local-provider.ts';
import { hasJson } from './overrides.ts';

export interface TestRules {
  /** Flags that answer everybody the same. */
  readonly values?: { readonly [flagKey: string]: FlagValue };
  /** Flags with rules, as a rule set has them; see docs/rule-language.md. */
  readonly flags?: { readonly [flagKey: string]: FlagConfiguration };
  readonly segments?: { readonly [segmentKey: string]: SegmentConfiguration };
}

export interface TestOptions {
  /** Epoch milliseconds for rules that ask for the time. Default: the clock. */
  readonly nowMs?: () => number;
  /** Takes what the application tracks. */
  readonly onTrack?: OnTrack;
}

/**
 * Answers as `YardarmProvider` does, and is READY at once. Throws a TypeError in sentences where rules cannot be read, or nobody
 * could save them.
 */
export class TestProvider extends LocalProvider {
  readonly #set: (rules: TestRules) => void;

  constructor(rules: TestRules = {}, { nowMs = Date.now, onTrack = () => {} }: TestOptions = {}) {
    let held = rules;
    let store: Store = storeOf(rules, 1, null).store;
    let emit: (notice: ProviderNotice) => void = () => {};
    super(
      (announce) => {
        emit = announce;
        return {
          initialize: async () => {},
          close: async () => {},
          evaluate: (type, flagKey, codeDefault, context) => {
            const outcome = decide(store, type, flagKey, context, nowMs());
            return toDetails(outcome, { type, flagKey, codeDefault }, metadataOf(store, flagKey, outcome));
          },
          valueOf: <Value>(type: FlagType, flagKey: string, codeDefault: Value, context: EvaluationContext) => {
            const { value } = decide(store, type, flagKey, context, nowMs());
            return value === undefined ? codeDefault : (value as Value);
          },
        };
      },
      { onTrack, holdMs: 0 },
    );
    this.#set = (changed) => {
      checkRules(changed);
      const next: TestRules = {
        values: { ...withoutKeys(held.values, changed.flags), ...changed.values },
        flags: { ...withoutKeys(held.flags, changed.values), ...changed.flags },
        segments: { ...held.segments, ...changed.segments },
      };
      const change = storeOf(next, store.state.revision + 1, store);
      held = next;
      store = change.store;
      if (change.flagsChanged.length > 0) emit({ type: 'changed', flagsChanged: change.flagsChanged });
    };
  }

  /** Puts these in the place of those of the same keys; the others stay. Emits `PROVIDER_CONFIGURATION_CHANGED`, as a change on a server would. */
  set(rules: TestRules): void {
    this.#set(rules);
  }
}

function storeOf(rules: TestRules, revision: number, previous: Store | null) {
  checkRules(rules);
  const { values = {}, flags = {}, segments = {} } = rules;
  // Whatever differs in content differs in its tag, as on a server.
  const stamped = <Body extends object>(bodies: { readonly [key: string]: Body }) =>
    Object.fromEntries(Object.entries(bodies).map(([key, body]) => [key, { ...body, revision, tag: tagOf(body) }]));
  const constant = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, constantFlag(value)]));
  const ruleSet: RuleSet = {
    format: 1,
    project: 'test',
    environment: 'test',
    epoch: '1-test',
    revision,
    flags: stamped({ ...constant, ...flags }),
    segments: stamped(segments),
  };
  const findings = validate(ruleSet);
  if (findings.length > 0)
    throw new TypeError(`Yardarm: ${findings.map(({ path, message }) => `${path}: ${message}`).join(' ')}`);
  return loadRuleSet(ruleSet, previous);
}

/** Throws a TypeError, in a sentence, for what cannot even be looked at by the rules' own check. */
function checkRules(rules: TestRules): void {
  if (!isObject(rules)) refuse('Rules must be an object { values, flags, segments }');
  for (const part of ['values', 'flags', 'segments'] as const) {
    const bodies = rules[part];
    if (bodies === undefined) continue;
    if (!isObject(bodies)) refuse(`Rules must have an object in '${part}', by key`);
    for (const [key, body] of Object.entries(bodies)) {
      if (part !== 'values' && !isObject(body)) refuse(`Rules must have an object for '${key}' in '${part}'`);
      if (!hasJson(body)) refuse(`Rules have for '${key}' in '${part}' what no JSON has`);
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function constantFlag(value: FlagValue): FlagConfiguration {
  const type = typeof value as FlagConfiguration['type'];
  return { type, variants: { value }, on: true, offVariant: null, fallthrough: { variant: 'value' } };
}

function tagOf(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
}

function withoutKeys<Value>(from: { readonly [key: string]: Value } = {}, others: object = {}): { [key: string]: Value } {
  return Object.fromEntries(Object.entries(from).filter(([key]) => !Object.hasOwn(others, key)));
}

import { type FeatureDefinition, GrowthBook } from '@growthbook/growthbook';
import { type CompiledRuleSet, type FlagType, resolve } from '@yardarm/evaluator';
import { importedRules } from '../../testing/imported-rules.ts';
import { growthBookSource } from '../growthbook-source.ts';
import { type Attributes, ourContext } from './contexts.ts';
import { GROUPS } from './definitions.ts';

const options = { file: 'features.json', nowMs: 0 };
export const DEFAULT = 'code default';

export interface Both {
  readonly client: GrowthBook;
  readonly rules: CompiledRuleSet;
  readonly typeOf: (key: string) => FlagType;
}

/** Their SDK and our evaluator on one file. */
export function both(features: object): Both {
  const payload = { features, savedGroups: GROUPS };
  const imported = growthBookSource(JSON.stringify(payload), options);
  const types = new Map(imported.flags.map(({ key, type }) => [key, type]));
  const client = new GrowthBook({
    features: features as Record<string, FeatureDefinition>,
    savedGroups: payload.savedGroups as never,
  });
  return { client, rules: importedRules(imported), typeOf: (key) => types.get(key) ?? 'boolean' };
}

/** Null, which GrowthBook answers where there is nothing, is the code default. */
export function theirs({ client }: Both, key: string, of: Attributes): unknown {
  void client.setAttributes(of);
  return client.evalFeature(key).value ?? DEFAULT;
}

export function ours({ rules, typeOf }: Both, key: string, of: Attributes) {
  const { value = DEFAULT, reason, errorCode } = resolve(rules, key, typeOf(key), ourContext(of), 0);
  return { value, reason, errorCode };
}

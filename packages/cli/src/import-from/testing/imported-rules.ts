/** What an import would serve, without a server: for tests that hold it against the source's own SDK. */
import { type CompiledRuleSet, compile } from '@yardarm/evaluator';
import { validate } from '@yardarm/evaluator/validate';
import { expect } from 'vitest';
import { ANY_ENVIRONMENT, type Imported, isRefused } from '../imported.ts';
import { type ConfiguredFlag, type ConfiguredSegment, ruleSetOf } from '../rule-set-of.ts';

/** Every flag and segment that nothing stands in the way of, in one environment of the source. Fails where it is not sound. */
export function importedRules(imported: Imported, environment: string = ANY_ENVIRONMENT): CompiledRuleSet {
  const flags = imported.flags.flatMap(({ key, type, variants, environments }): ConfiguredFlag[] => {
    const configuration = environments[environment];
    return configuration === undefined || isRefused(configuration) ? [] : [{ key, type, variants, configuration }];
  });
  const segments = imported.segments.flatMap(({ key, environments }): ConfiguredSegment[] => {
    const configuration = environments[environment];
    return configuration === undefined || isRefused(configuration) ? [] : [{ key, configuration }];
  });
  const ruleSet = ruleSetOf(flags, segments);
  expect(validate(ruleSet)).toEqual([]);
  return compile(ruleSet);
}

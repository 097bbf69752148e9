import type { SegmentConfigurationInput } from '@yardarm/contract';
import type { FlagBody, FlagConfiguration, RuleSet, SegmentBody, Serve } from '@yardarm/evaluator';
import type { ImportedConfiguration } from './imported.ts';

/** A flag in one environment, whether it is there already or about to be imported. */
export interface ConfiguredFlag extends Pick<FlagConfiguration, 'type' | 'variants'> {
  readonly key: string;
  readonly configuration: ImportedConfiguration;
}

export interface ConfiguredSegment {
  readonly key: string;
  readonly configuration: SegmentConfigurationInput;
}

const STAMP = { revision: 1, tag: '0000000000000000' };

/** The rule set that an environment would have. A split without a salt has the flag's own, for which its key stands in. */
export function ruleSetOf(flags: readonly ConfiguredFlag[], segments: readonly ConfiguredSegment[]): RuleSet {
  return {
    ...{ format: 1, project: 'import', environment: 'import', epoch: '0-import', revision: 1 },
    flags: Object.fromEntries(flags.map((flag) => [flag.key, flagBody(flag)])),
    segments: Object.fromEntries(
      segments.map(({ key, configuration }): [string, SegmentBody] => [key, { ...configuration, ...STAMP }]),
    ),
  };
}

function flagBody({ key, type, variants, configuration }: ConfiguredFlag): FlagBody {
  const { on, offVariant, prerequisites, targets, rules, fallthrough } = configuration;
  const salted = (serve: ImportedConfiguration['rules'][number]['serve']): Serve =>
    'split' in serve ? { split: { ...serve.split, salt: serve.split.salt ?? key } } : serve;
  return {
    ...{ type, variants, on, offVariant, prerequisites, targets },
    rules: rules.map((rule) => ({ ...rule, serve: salted(rule.serve) })),
    fallthrough: fallthrough && salted(fallthrough),
    ...STAMP,
  };
}

/** What an import would write into an empty project, without a server: for tests of files of which some is left out, and what depends on that. */
import { type CompiledRuleSet, compile } from '@yardarm/evaluator';
import { ANY_ENVIRONMENT, type Imported } from '../imported.ts';
import { makePlan } from '../make-plan.ts';
import { type ConfiguredFlag, ruleSetOf } from '../rule-set-of.ts';

export function plannedRules(imported: Imported): CompiledRuleSet {
  const environments = [{ ours: 'here', theirs: ANY_ENVIRONMENT }];
  const nothing = { flags: [], segments: [], touched: new Set<string>(), owner: 'ada', expiresOn: undefined };
  const { flags, segments } = makePlan({ imported, environments, ...nothing, missingRights: () => [] });
  const configured = <Configuration>({ configurations }: { readonly configurations: ReadonlyMap<string, Configuration> }) =>
    [...configurations.values()].map((configuration) => ({ configuration }));
  return compile(
    ruleSetOf(
      flags.flatMap((flag) => {
        const { type = 'boolean', variants = {} } = flag.input;
        return configured(flag).map((one) => ({ key: flag.key, type, variants, ...one }) as ConfiguredFlag);
      }),
      segments.flatMap((segment) => configured(segment).map((one) => ({ key: segment.key, ...one }))),
    ),
  );
}

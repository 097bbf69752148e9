/** What is read of LaunchDarkly's data; other members are ignored. The SDK data and the REST API agree on these. */
import { z } from 'zod';

const index = z.int().min(0);
/** Some members are null, some are missing, where there is nothing. */
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const clause = z.object({
  attribute: z.string().default(''),
  op: z.string(),
  values: list(z.json()),
  negate: z.boolean().nullish(),
  contextKind: z.string().nullish(),
});
export type Clause = z.infer<typeof clause>;

const rollout = z.object({
  kind: z.string().nullish(),
  variations: z.array(z.object({ variation: index, weight: z.int().min(0) })).min(1),
  bucketBy: z.string().nullish(),
  contextKind: z.string().nullish(),
  seed: z.int().nullish(),
});
export type Rollout = z.infer<typeof rollout>;

const serve = z.object({ variation: index.nullish(), rollout: rollout.nullish() });
export type VariationOrRollout = z.infer<typeof serve>;

const target = z.object({ variation: index, values: list(z.string()), contextKind: z.string().nullish() });
export type Target = z.infer<typeof target>;

const rule = serve.extend({ clauses: list(clause) });

const configuration = z.object({
  on: z.boolean(),
  offVariation: index.nullish(),
  fallthrough: serve,
  prerequisites: list(z.object({ key: z.string(), variation: index })),
  targets: list(target),
  contextTargets: list(target),
  rules: list(rule),
});
export type Configuration = Omit<z.infer<typeof configuration>, 'rules'> & {
  readonly rules: readonly (z.infer<typeof rule> & { readonly disabled?: boolean | null | undefined })[];
};

const clientSideAvailability = z.object({ usingEnvironmentId: z.boolean().nullish() }).nullish();

/** A flag of the SDK data. */
export const sdkFlag = configuration.extend({
  variations: z.array(z.json()).min(1),
  clientSide: z.boolean().nullish(),
  clientSideAvailability,
  deleted: z.boolean().nullish(),
});

/** A flag of the REST API. */
export const restFlag = z.object({
  key: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  variations: z.array(z.object({ value: z.json(), name: z.string().nullish() })).min(1),
  temporary: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  tags: list(z.string()),
  clientSideAvailability,
  _maintainer: z.object({ email: z.string().nullish() }).nullish(),
  _maintainerTeam: z.object({ key: z.string().nullish() }).nullish(),
  environments: z.record(z.string(), z.unknown(), {
    error: 'it has no environments; name those that you want, as in env=production',
  }),
});

const SUMMARY = 'it has no list of rules, as in a summary of flags; ask with summary=0';

/** Of one environment in the REST API, where a new flag has no fallthrough yet. Its SDKs are not sent the rules that are disabled. */
export const restConfiguration = configuration
  .extend({
    fallthrough: serve.nullish().transform((one) => one ?? {}),
    // A summary has none, and none of what else is decided either.
    rules: z.array(rule.extend({ disabled: z.boolean().nullish() }), { error: SUMMARY }),
  })
  // An SDK passes over lists of users that have no entry among the others; the API may leave those entries away.
  .transform(({ contextTargets, ...more }) => ({
    ...more,
    contextTargets:
      contextTargets.length === 0
        ? []
        : [
            ...contextTargets,
            ...more.targets.filter(isNotAmong(contextTargets)).map(({ variation }) => ({ variation, values: [] })),
          ],
  }));

function isNotAmong(entries: readonly Target[]) {
  return ({ variation }: Target) =>
    !entries.some((entry) => (entry.contextKind ?? 'user') === 'user' && entry.variation === variation);
}

const kindList = z.object({ contextKind: z.string().nullish(), values: list(z.string()) });

export const segment = z.object({
  key: z.string(),
  name: z.string().nullish(),
  included: list(z.string()),
  excluded: list(z.string()),
  includedContexts: list(kindList),
  excludedContexts: list(kindList),
  rules: list(z.object({ clauses: list(clause), weight: z.int().min(0).nullish() })),
  unbounded: z.boolean().nullish(),
  deleted: z.boolean().nullish(),
});
export type LdSegment = z.infer<typeof segment>;

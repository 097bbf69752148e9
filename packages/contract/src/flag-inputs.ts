/** What edits of flags consist of. */
import { LIMITS } from '@yardarm/evaluator/limits';
import { z } from 'zod';
import { FLAG_KINDS, FLAG_TYPES, flagLinks, variants } from './entities.ts';
import { day, flagKey, reason } from './names.ts';
import { flagConfiguration } from './rules.ts';

const description = z.string().max(10_000);
const owner = z.string().trim().min(1).max(200);
const tag = z.string().trim().min(1).max(64);
const tags = z.array(tag).max(50);

/** Temporary flags need an owner and an expiry. */
export function isTemporary(kind: (typeof FLAG_KINDS)[number]): boolean {
  return kind === 'release' || kind === 'experiment';
}

/**
 * Release and experiment flags are temporary: they need an owner, and expire after the project's default unless told
 * otherwise. What is left out of a clone (`cloneOf`) comes from its original, the expiry excepted.
 */
export const createFlagInput = z
  .strictObject({
    key: flagKey,
    /** Another flag of the project to be like. The clone has a salt of its own, and is off everywhere. */
    cloneOf: flagKey.optional(),
    /** With `cloneOf`: take over what the original serves in each environment too, its kill switch excepted. */
    cloneConfigurations: z.boolean().optional(),
    kind: z.enum(FLAG_KINDS).optional().describe('`release` unless told otherwise.'),
    type: z.enum(FLAG_TYPES).optional().describe('`boolean` unless told otherwise; a clone has the type of its original.'),
    description: description.optional(),
    variants: variants.optional().describe('Needed unless the flag is a clone.'),
    offVariant: flagConfiguration.shape.offVariant.optional(),
    /** What every environment serves once the flag is switched on there. */
    fallthrough: flagConfiguration.shape.fallthrough.optional(),
    clientSide: z.boolean().optional(),
    owner: owner.nullable().optional(),
    expiresOn: day.nullable().optional(),
    tags: tags.optional(),
    links: flagLinks.optional(),
    reason,
  })
  .superRefine((input, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { cloneOf, kind = 'release', type = 'boolean' } = input;
    if (cloneOf !== undefined) {
      for (const name of ['type', 'variants'] as const)
        if (input[name] !== undefined) refuse([name], `A clone has the ${name} of its original; leave '${name}' out.`);
      return;
    }
    if (input.cloneConfigurations !== undefined)
      refuse(['cloneConfigurations'], "'cloneConfigurations' goes with 'cloneOf', the flag to be like.");
    if (input.variants === undefined) refuse(['variants'], 'A flag needs variants.');
    if (isTemporary(kind) && (input.owner ?? null) === null)
      refuse(['owner'], `A ${kind} flag needs an owner, so that somebody removes it.`);
    if (isTemporary(kind) && input.expiresOn === null)
      refuse(['expiresOn'], `A ${kind} flag needs an expiry; leave it out for the default of its project.`);
    for (const issue of variantsOfOtherType(type, input.variants ?? {})) refuse(['variants', issue.variant], issue.message);
  });
export type CreateFlagInput = z.input<typeof createFlagInput>;

/** Variants whose value is not of the flag's type, each with a sentence. */
export function variantsOfOtherType(type: (typeof FLAG_TYPES)[number], all: z.infer<typeof variants>) {
  return Object.entries(all).flatMap(([variant, value]) =>
    typeof value === type
      ? []
      : [{ variant, message: `Variant '${variant}' is a ${typeof value}, but the flag's type is ${type}.` }],
  );
}

/**
 * What the project says about a flag. Members left out keep their value; of a temporary flag, owner and expiry stay.
 * `variants` is the whole set: one that is missing goes, unless something still serves it.
 */
export const updateFlagInput = z.strictObject({
  kind: z.enum(FLAG_KINDS).optional(),
  description: description.optional(),
  variants: variants.optional(),
  clientSide: z.boolean().optional(),
  owner: owner.nullable().optional(),
  expiresOn: day.nullable().optional(),
  tags: tags.optional(),
  links: flagLinks.optional(),
  reason,
});
export type UpdateFlagInput = z.input<typeof updateFlagInput>;

/** Members left out keep their value. */
export const configureFlagInput = flagConfiguration.partial().extend({ reason });
export const switchFlagInput = z.strictObject({ reason });
export const archiveFlagInput = z.strictObject({ reason });
/** Until the end of that day, UTC, nobody is told of the flag. A reason is asked for: whoever wonders reads it. */
export const snoozeFlagInput = z.strictObject({ until: day, reason: z.string().trim().min(1).max(1_000) });
export type SnoozeFlagInput = z.input<typeof snoozeFlagInput>;
export const unsnoozeFlagInput = z.strictObject({ reason });

/** Which flags to kill together: by key, by tag or by owner. */
export const killFlagsInput = z
  .strictObject({
    flags: z.array(flagKey).min(1).max(LIMITS.flags).optional(),
    tag: tag.optional(),
    owner: owner.optional(),
    reason,
  })
  .refine(
    ({ flags, tag, owner }) => [flags, tag, owner].filter((one) => one !== undefined).length === 1,
    "Say which flags to kill by exactly one of 'flags', 'tag' and 'owner'.",
  );
export type KillFlagsInput = z.input<typeof killFlagsInput>;

/**
 * As many flags as one edit may name: it holds the locks of every environment while it writes, and a kill waits for them. A thousand took
 * 8 s on two cores that were seven times overbooked.
 */
export const MAX_BULK_FLAGS = 200;
const bulkFlags = z.array(flagKey).min(1).max(MAX_BULK_FLAGS);

/** The same edit of several flags. Members left out keep their value; a tag that is there already, or is not, is no change. */
export const updateFlagsInput = z
  .strictObject({
    flags: bulkFlags,
    addTags: tags.optional(),
    removeTags: tags.optional(),
    owner: owner.nullable().optional(),
    reason,
  })
  .refine(
    ({ addTags = [], removeTags = [], owner }) => addTags.length + removeTags.length > 0 || owner !== undefined,
    "Say what to edit: 'addTags', 'removeTags' or 'owner'.",
  );
export type UpdateFlagsInput = z.input<typeof updateFlagsInput>;
export const archiveFlagsInput = z.strictObject({ flags: bulkFlags, reason });

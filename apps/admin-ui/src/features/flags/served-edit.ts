/** An edit of what every environment serves of a flag: its variants, and whether browsers get it. */
import { type DiffEntry, diff, type Flag, updateFlagInput } from '@yardarm/contract';
import { fieldOf, issueSentence } from './flag-form-issues.ts';
import { readVariants, toVariantFields, type VariantField } from './variant-values.ts';

export type Served = Pick<Flag, 'variants' | 'clientSide'>;

export interface ServedForm {
  readonly variants: readonly VariantField[];
  readonly clientSide: boolean;
}

export type ServedResult = { readonly served: Served } | { readonly errors: Readonly<Record<string, string>> };

export function toServedForm(flag: Flag): ServedForm {
  return { variants: toVariantFields(flag), clientSide: flag.clientSide };
}

/** What the form says, checked by the same schema that the server uses; or what is wrong, by field (`variants.<name>` for a variant). */
export function readServed(type: Flag['type'], { variants: fields, clientSide }: ServedForm): ServedResult {
  const read = readVariants(fields, type);
  if ('errors' in read) return read;
  const served = { variants: read.variants, clientSide };
  const checked = updateFlagInput.safeParse(served);
  if (checked.success) return { served };
  return { errors: Object.fromEntries(checked.error.issues.map((issue) => [fieldOf(issue.path), issueSentence(issue)])) };
}

/** Of two flags, or of a flag and an edit of it: in variants, and in whether browsers get it. */
export function differences(before: Served, after: Served): DiffEntry[] {
  return diff(servedOf(before), servedOf(after));
}

function servedOf({ variants, clientSide }: Served): Served {
  return { variants, clientSide };
}

/** Only what differs, which is all that is sent. */
export function servedInput(before: Served, after: Served): Partial<Served> {
  return {
    ...(differences(before, after).some(({ path: [member] }) => member === 'variants') && { variants: after.variants }),
    ...(before.clientSide !== after.clientSide && { clientSide: after.clientSide }),
  };
}

/**
 * The edit from `before` to `mine`, made of `theirs` instead: a variant that the edit does not touch stays as they have it. Where both
 * touched the same, mine stands.
 */
export function onTopOf(theirs: Served, before: Served, mine: Served): Served {
  const touched = new Set(differences(before, mine).map(({ path: [, name] }) => name));
  const kept = Object.entries(theirs.variants).filter(([name]) => !touched.has(name));
  const edited = Object.entries(mine.variants).filter(([name]) => touched.has(name));
  return {
    variants: Object.fromEntries([...kept, ...edited]),
    clientSide: before.clientSide === mine.clientSide ? theirs.clientSide : mine.clientSide,
  };
}

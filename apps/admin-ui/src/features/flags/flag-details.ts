/** The form of what the project says about a flag, and what of it changed. */
import { type Flag, flagLinks, type UpdateFlagInput } from '@yardarm/contract';
import { isTemporary } from './flag-form.ts';

export interface LinkField {
  /** Stays while the row is edited. */
  readonly id: number;
  readonly title: string;
  readonly url: string;
}

export interface FlagDetails {
  readonly kind: Flag['kind'];
  readonly description: string;
  readonly owner: string;
  readonly expiresOn: string;
  readonly tags: string;
  readonly links: readonly LinkField[];
  readonly reason: string;
}

export function toDetails(flag: Flag): FlagDetails {
  return {
    kind: flag.kind,
    description: flag.description,
    owner: flag.owner ?? '',
    expiresOn: flag.expiresOn ?? '',
    tags: flag.tags.join(', '),
    links: flag.links.map((link, id) => ({ id, ...link })),
    reason: '',
  };
}

export type DetailsResult = { readonly input: UpdateFlagInput } | { readonly errors: Readonly<Record<string, string>> };

/** Only what differs from `flag`; or what is wrong, by field (`links.<id>` for a link). */
export function toUpdateInput(flag: Flag, details: FlagDetails): DetailsResult {
  const after = {
    kind: details.kind,
    description: details.description.trim(),
    owner: details.owner.trim() || null,
    expiresOn: details.expiresOn || null,
    tags: details.tags.split(',').map((tag) => tag.trim()).filter(Boolean), // biome-ignore format: one thought
    links: details.links
      .filter(({ title, url }) => title.trim() + url.trim() !== '')
      .map(({ title, url }) => ({ title: title.trim() || url.trim(), url: url.trim() })),
  };
  const errors: Record<string, string> = {};
  if (isTemporary(after.kind) && after.owner === null)
    errors.owner = `A ${after.kind} flag needs an owner, so that somebody removes it.`;
  if (isTemporary(after.kind) && after.expiresOn === null) errors.expiresOn = `A ${after.kind} flag needs an expiry.`;
  for (const { id, url } of details.links)
    if (url.trim() !== '' && !flagLinks.safeParse([{ title: 'link', url: url.trim() }]).success)
      errors[`links.${id}`] = 'A link is an address that starts with https:// or http://.';
  for (const { id, title, url } of details.links)
    if (title.trim() !== '' && url.trim() === '') errors[`links.${id}`] = 'Give the address too, or clear the title.';
  if (Object.keys(errors).length > 0) return { errors };
  const names = ['kind', 'description', 'owner', 'expiresOn', 'tags', 'links'] as const;
  const changed = names.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(flag[name]));
  const input: UpdateFlagInput = Object.fromEntries(changed.map((name) => [name, after[name]]));
  const reason = details.reason.trim();
  return { input: { ...input, ...(reason && { reason }) } };
}

/** Kind and owner are part of what every environment serves; the rest of the form is not. */
export function isServed(input: UpdateFlagInput): boolean {
  return input.kind !== undefined || input.owner !== undefined;
}

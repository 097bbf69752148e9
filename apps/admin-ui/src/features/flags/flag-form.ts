/** The new-flag form: what the fields hold, and how that becomes the input of the API. */
import { type CreateFlagInput, createFlagInput, type Flag } from '@yardarm/contract';
import { daysUntil } from '../../lib/time.ts';
import { fieldOf, issueSentence } from './flag-form-issues.ts';
import { readVariants, type VariantField } from './variant-values.ts';

export interface FlagForm {
  readonly key: string;
  readonly description: string;
  readonly kind: Flag['kind'];
  readonly type: Flag['type'];
  readonly variants: readonly VariantField[];
  /** Rows of `variants`, by their id: a name may be the same as another while it is typed. */
  readonly served: number;
  readonly offVariant: number;
  readonly clientSide: boolean;
  readonly owner: string;
  readonly expiresOn: string;
  readonly tags: string;
}

/** Errors by field; a variant's under `variants.<name>`, the rest under `form`. */
export type FormErrors = Readonly<Record<string, string>>;
export type FormResult = { readonly input: CreateFlagInput } | { readonly errors: FormErrors };

const EXAMPLES: Record<Flag['type'], readonly [name: string, value: string][]> = {
  boolean: [
    ['on', 'true'],
    ['off', 'false'],
  ],
  string: [
    ['control', 'Hello'],
    ['treatment', 'Ahoy'],
  ],
  number: [
    ['low', '10'],
    ['high', '100'],
  ],
  object: [
    ['control', '{ "limit": 10 }'],
    ['treatment', '{ "limit": 20 }'],
  ],
};

/** Release and experiment flags are temporary: they need an owner and an expiry. */
export function isTemporary(kind: Flag['kind']): boolean {
  return kind === 'release' || kind === 'experiment';
}

export function emptyForm(): FlagForm {
  const form = { key: '', description: '', kind: 'release' as const, clientSide: false, owner: '', expiresOn: '', tags: '' };
  return withType({ ...form, type: 'boolean', variants: [], served: 0, offVariant: 0 }, 'boolean');
}

/** Another type means other variants: starts them from an example. */
export function withType(form: FlagForm, type: Flag['type']): FlagForm {
  const variants = EXAMPLES[type].map(([name, value], id) => ({ id, name, value, exists: false }));
  // A boolean serves `on` and is off with `off`; the others stay with the first variant either way.
  return { ...form, type, variants, served: 0, offVariant: type === 'boolean' ? 1 : 0 };
}

/** The request, checked by the same schema that the server uses; or what is wrong, by field. */
export function toCreateFlagInput(form: FlagForm, nowMs: number): FormResult {
  const expiry = expiryError(form.expiresOn, nowMs);
  if (expiry) return { errors: { expiresOn: expiry } };
  const read = readVariants(form.variants, form.type);
  if ('errors' in read) return read;
  const nameOf = (row: number) => form.variants.find(({ id }) => id === row)?.name ?? '';
  const input = {
    key: form.key.trim(),
    description: form.description.trim(),
    kind: form.kind,
    type: form.type,
    variants: read.variants,
    fallthrough: { variant: nameOf(form.served) },
    offVariant: nameOf(form.offVariant),
    clientSide: form.clientSide,
    owner: form.owner.trim() || null,
    // Left out, the server sets 90 days for the kinds that need an expiry.
    ...(form.expiresOn ? { expiresOn: form.expiresOn } : isTemporary(form.kind) ? {} : { expiresOn: null }),
    tags: form.tags.split(',').map((tag) => tag.trim()).filter(Boolean), // biome-ignore format: one thought
  };
  const checked = createFlagInput.safeParse(input);
  if (checked.success) return { input: input as CreateFlagInput };
  return { errors: Object.fromEntries(checked.error.issues.map((issue) => [fieldOf(issue.path), issueSentence(issue)])) };
}

/** Nobody plans a flag further ahead: such a day is a slip of the finger. The API allows more. */
const MAX_YEARS_AHEAD = 5;

/** `expiresOn` empty: none was chosen. */
function expiryError(expiresOn: string, nowMs: number): string | null {
  if (expiresOn === '') return null;
  if (daysUntil(expiresOn, nowMs) < 0) return 'This day has passed; choose one from today on.';
  const latest = new Date(nowMs);
  latest.setUTCFullYear(latest.getUTCFullYear() + MAX_YEARS_AHEAD);
  const days = daysUntil(latest.toISOString().slice(0, 10), nowMs);
  return daysUntil(expiresOn, nowMs) > days ? `This is more than ${MAX_YEARS_AHEAD} years ahead; choose an earlier day.` : null;
}

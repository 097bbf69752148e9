/** Both kinds of file as one shape: what an SDK would receive, by environment. */
import { z } from 'zod';
import { ANY_ENVIRONMENT, type ImportedFlag, type Obstacle, SourceError } from '../imported.ts';
import { onePage } from '../one-page.ts';
import { readDocument, step } from '../read-document.ts';
import { apiFeature, apiPayload, type Feature, feature, sdkPayload } from './shapes.ts';

export interface FileFeature extends Pick<ImportedFlag, 'key' | 'description' | 'owner' | 'tags'> {
  readonly place: string;
  readonly environments: ReadonlyMap<string, { readonly on: boolean; readonly feature: Feature; readonly place: string }>;
}
export interface GrowthBookFile {
  readonly features: readonly FileFeature[];
  readonly groups: ReadonlyMap<string, readonly unknown[]>;
  readonly left: readonly Obstacle[];
}

/** The API's version 2 has the rules of all environments in one list, and no promise of a definition. */
const NO_DEFINITION =
  'There is no definition of it, which is what SDKs receive: save the list of version 1 of the API, or the answer of an SDK connection.';

export function readFile(text: string, file: string): GrowthBookFile {
  const json = readDocument(text, file);
  // First: an encrypted answer has an empty table of features besides.
  if (z.object({ encryptedFeatures: z.string() }).safeParse(json).success)
    throw new SourceError(`${file} is encrypted; save the answer of an SDK connection without encryption.`);
  const api = apiPayload.safeParse(json);
  if (api.success) return readApi(api.data);
  const sdk = sdkPayload.safeParse(json);
  if (sdk.success) return readSdk(sdk.data);
  throw new SourceError(
    `${file} is neither what GrowthBook's SDK endpoint answers, an object with 'features', nor a list of features of its API; save one of them.`,
  );
}

function readSdk({ features, savedGroups }: z.infer<typeof sdkPayload>): GrowthBookFile {
  const left: Obstacle[] = [];
  const found = Object.entries(features).flatMap(([key, json]): FileFeature[] => {
    const place = `/features${step(key)}`;
    const one = readFeature(json, key, place, left);
    if (one === null) return [];
    const environments = new Map([[ANY_ENVIRONMENT, { on: true, feature: one, place }]]);
    return [{ key, place, description: '', owner: null, tags: [], environments }];
  });
  return { features: found, groups: new Map(Object.entries(savedGroups ?? {})), left };
}

function readApi({ features: items, total, hasMore }: z.infer<typeof apiPayload>): GrowthBookFile {
  const left: Obstacle[] = [];
  if (total === undefined ? hasMore === true : items.length < total)
    left.push(onePage('/hasMore', items.length, total, 'features', 'features'));
  const features = items.flatMap((json, index): FileFeature[] => {
    const place = `/features/${index}`;
    const parsed = apiFeature.safeParse(json);
    if (!parsed.success) {
      left.push({ kind: 'flag', key: keyOf(json), place, sentence: unreadable(parsed.error) });
      return [];
    }
    const { id: key, description, owner, tags, archived, environments } = parsed.data;
    if (archived === true) {
      left.push({
        kind: 'flag',
        key,
        place: `${place}/archived`,
        sentence: 'It is archived in GrowthBook, which serves it to nobody.',
      });
      return [];
    }
    const found = new Map<string, { on: boolean; feature: Feature; place: string }>();
    for (const [environment, { enabled, definition }] of Object.entries(environments)) {
      const at = `${place}/environments${step(environment)}`;
      // Of an environment where the feature is off the API gives no definition.
      if (!enabled && !definition) {
        found.set(environment, { on: false, feature: {}, place: at });
        continue;
      }
      if (!definition) {
        left.push({ kind: 'flag', key, place: `${at}/definition`, sentence: NO_DEFINITION });
        return [];
      }
      const one = readFeature(parseJson(definition), key, `${at}/definition`, left);
      if (one === null) return [];
      found.set(environment, { on: enabled, feature: one, place: at });
    }
    return [{ key, place, description: description ?? '', owner: owner || null, tags: tags ?? [], environments: found }];
  });
  return { features, groups: new Map(), left };
}

function readFeature(json: unknown, key: string, place: string, left: Obstacle[]): Feature | null {
  const parsed = feature.safeParse(json);
  if (parsed.success) return parsed.data;
  const at = (parsed.error.issues[0]?.path ?? []).map((name) => step(String(name))).join('');
  left.push({ kind: 'flag', key, place: `${place}${at}`, sentence: unreadable(parsed.error) });
  return null;
}

function unreadable(error: z.ZodError): string {
  return `It has something that is not known of GrowthBook's features, and may change what they serve: ${error.issues[0]?.message}.`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keyOf(json: unknown): string {
  const parsed = z.object({ id: z.string() }).safeParse(json);
  return parsed.success ? parsed.data.id : '';
}

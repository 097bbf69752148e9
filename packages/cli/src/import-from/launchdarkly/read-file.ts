/** Both kinds of file as one shape: flags with their configurations by environment, and segments by environment. */
import { z } from 'zod';
import { ANY_ENVIRONMENT, type ImportedFlag, type Obstacle, SourceError } from '../imported.ts';
import { onePage } from '../one-page.ts';
import { readDocument, step } from '../read-document.ts';
import { type Configuration, type LdSegment, restConfiguration, restFlag, sdkFlag, segment } from './shapes.ts';

export interface FileFlag extends Pick<ImportedFlag, 'key' | 'name' | 'description' | 'kind' | 'tags' | 'owner' | 'clientSide'> {
  readonly variations: readonly { readonly name: string | null; readonly value: unknown }[];
  readonly place: string;
  /** Undefined: unreadable, named in `left`. */
  readonly environments: ReadonlyMap<string, { readonly configuration: Configuration; readonly place: string }>;
}
export interface FileSegment {
  readonly segment: LdSegment;
  readonly place: string;
}
export interface LaunchDarklyFile {
  readonly flags: readonly FileFlag[];
  /** By environment and key. */
  readonly segments: ReadonlyMap<string, ReadonlyMap<string, FileSegment>>;
  readonly left: readonly Obstacle[];
}

const object = z.record(z.string(), z.unknown());
const sdkData = z.object({ flags: object.optional(), segments: object.optional(), flagValues: object.optional() });
const restData = z.object({
  items: z.array(z.unknown()),
  segments: z.record(z.string(), z.array(z.unknown())).optional(),
  totalCount: z.number().optional().catch(undefined),
  _links: z.object({ next: z.unknown() }).optional().catch(undefined),
});

export function readFile(text: string, file: string): LaunchDarklyFile {
  const json = readDocument(text, file);
  const rest = restData.safeParse(json);
  if (rest.success) return readRest(rest.data);
  // The stream sends the data of the SDK inside `data`.
  const wrapped = z.object({ data: sdkData }).safeParse(json);
  const sdk = wrapped.success ? wrapped : sdkData.safeParse(json);
  if (sdk.success) {
    const data = 'data' in sdk.data ? sdk.data.data : sdk.data;
    if ([data.flags, data.segments, data.flagValues].some((table) => table !== undefined))
      return readSdk(data, wrapped.success ? '/data' : '');
  }
  throw new SourceError(
    `${file} is neither the data of a LaunchDarkly SDK, an object with 'flags' and 'segments', nor the answer of GET /api/v2/flags/PROJECT?summary=0, an object with 'items'; save one of them.`,
  );
}

function readSdk({ flags = {}, segments = {}, flagValues = {} }: z.infer<typeof sdkData>, root: string): LaunchDarklyFile {
  const left: Obstacle[] = [];
  const found: FileFlag[] = [];
  for (const [key, json] of Object.entries(flags)) {
    const place = `${root}/flags${step(key)}`;
    const flag = read(sdkFlag, json, 'flag', key, place, left);
    if (flag === null || flag.deleted === true) continue;
    found.push({
      ...bareFlag(key, place, flag.variations),
      clientSide: flag.clientSideAvailability?.usingEnvironmentId ?? flag.clientSide ?? false,
      environments: new Map([[ANY_ENVIRONMENT, { configuration: flag, place }]]),
    });
  }
  // Of a file data source: the value that a flag always has.
  for (const [key, value] of Object.entries(flagValues)) {
    const place = `${root}/flagValues${step(key)}`;
    const configuration = {
      on: true,
      fallthrough: { variation: 0 },
      prerequisites: [],
      targets: [],
      contextTargets: [],
      rules: [],
    };
    found.push({ ...bareFlag(key, place, [value]), environments: new Map([[ANY_ENVIRONMENT, { configuration, place }]]) });
  }
  const entries = Object.entries(segments).map(([key, json]) => ({ key, json, place: `${root}/segments${step(key)}` }));
  return { flags: found, segments: new Map([[ANY_ENVIRONMENT, readSegments(entries, left)]]), left };
}

function readRest({ items, segments = {}, totalCount, _links }: z.infer<typeof restData>): LaunchDarklyFile {
  const left: Obstacle[] = [];
  if (totalCount === undefined ? _links?.next !== undefined : items.length < totalCount)
    left.push(onePage('/_links/next', items.length, totalCount, 'flags', 'items'));
  const found: FileFlag[] = [];
  for (const [index, json] of items.entries()) {
    const place = `/items/${index}`;
    const key = keyOf(json);
    const flag = read(restFlag, json, 'flag', key, place, left);
    if (flag === null) continue;
    if (flag.archived === true) {
      left.push({
        kind: 'flag',
        key,
        place: `${place}/archived`,
        sentence: 'It is archived in LaunchDarkly, which serves it to nobody.',
      });
      continue;
    }
    const environments = new Map<string, { configuration: Configuration; place: string }>();
    for (const [environment, one] of Object.entries(flag.environments)) {
      const at = `${place}/environments${step(environment)}`;
      const configuration = read(restConfiguration, one, 'flag', key, at, left);
      if (configuration !== null) environments.set(environment, { configuration, place: at });
    }
    // Without one of its environments it is not what the file says.
    if (environments.size < Object.keys(flag.environments).length) continue;
    found.push({
      ...{ key, place, name: flag.name ?? null, description: flag.description ?? '', tags: flag.tags, environments },
      kind: typeof flag.temporary !== 'boolean' ? null : flag.temporary ? 'release' : 'operational',
      owner: flag._maintainerTeam?.key ?? flag._maintainer?.email ?? null,
      clientSide: flag.clientSideAvailability?.usingEnvironmentId ?? false,
      variations: flag.variations.map(({ name, value }) => ({ name: name ?? null, value })),
    });
  }
  const byEnvironment = Object.entries(segments).map(([environment, list]): [string, Map<string, FileSegment>] => {
    const at = `/segments${step(environment)}`;
    return [
      environment,
      readSegments(
        list.map((json, index) => ({ key: keyOf(json), json, place: `${at}/${index}` })),
        left,
      ),
    ];
  });
  return { flags: found, segments: new Map(byEnvironment), left };
}

function bareFlag(key: string, place: string, values: readonly unknown[]) {
  const about = { key, place, name: null, description: '', kind: null, tags: [], owner: null, clientSide: false };
  return { ...about, variations: values.map((value) => ({ name: null, value })) };
}

function readSegments(
  entries: readonly { readonly key: string; readonly json: unknown; readonly place: string }[],
  left: Obstacle[],
) {
  const segments = new Map<string, FileSegment>();
  for (const { key, json, place } of entries) {
    const found = read(segment, json, 'segment', key, place, left);
    if (found !== null && found.deleted !== true) segments.set(key, { segment: found, place });
  }
  return segments;
}

function read<Shape extends z.ZodType>(
  shape: Shape,
  json: unknown,
  kind: Obstacle['kind'],
  key: string,
  place: string,
  left: Obstacle[],
): z.infer<Shape> | null {
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = (issue?.path ?? []).map((name) => step(String(name))).join('');
  left.push({
    kind,
    key,
    place: `${place}${at}`,
    sentence: `It is not as LaunchDarkly writes a ${kind}: ${issue?.message}. Save the data anew.`,
  });
  return null;
}

function keyOf(json: unknown): string {
  const parsed = z.object({ key: z.string() }).safeParse(json);
  return parsed.success ? parsed.data.key : '';
}

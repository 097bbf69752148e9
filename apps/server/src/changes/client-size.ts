/** The limit of what browsers receive, measured without hashing anything: a head is locked meanwhile. Pure. */
import type { FlagConfiguration, SegmentConfiguration } from '@yardarm/evaluator';
import { toStoredText } from '../ruleset/build.ts';
import { type Hash, mayBeClientSide, segmentsOf, toClientFlag, toClientSegment } from '../ruleset/client-view.ts';
import type { StoredText, Texts } from './candidate.ts';

/** Every page of every visitor loads it. */
export const MAX_CLIENT_VIEW_BYTES = 512 * 1024;
/** A text of one character becomes a hash of sixteen: what is stored grows to at most this many times its size. */
const MAX_GROWTH = 5;
/** Key, revision, tag and punctuation of a body. */
const FRAME_BYTES = 64;

/** As long as a hash. */
const SAME_LENGTH: Hash = () => '0'.repeat(16);

/** Bytes of the client view of these bodies, to within a few for each; 0 where they are too few to come near the limit. */
export function clientViewBytes(texts: Texts): number {
  const flags = [...texts.values()].filter(({ kind, body }) => kind === 'flag' && mayBeClientSide(body ?? ''));
  if (flags.length === 0) return 0;
  const segments = new Map([...texts.values()].filter(({ kind }) => kind === 'segment').map((text) => [text.key, text]));
  if ((sizeOf(flags) + sizeOf(segments.values())) * MAX_GROWTH <= MAX_CLIENT_VIEW_BYTES) return 0;
  let bytes = 0;
  const used = new Set<string>();
  for (const { key, body } of flags) {
    const flag = JSON.parse(body as string) as FlagConfiguration;
    const visible = toClientFlag(flag, SAME_LENGTH);
    if (visible === null) continue;
    bytes += FRAME_BYTES + key.length + Buffer.byteLength(toStoredText(visible));
    for (const segment of segmentsOf(flag)) used.add(segment);
  }
  for (const key of used) {
    const body = segments.get(key)?.body;
    if (body == null) continue;
    const segment = toClientSegment(JSON.parse(body) as SegmentConfiguration, SAME_LENGTH);
    bytes += FRAME_BYTES + Buffer.byteLength(toStoredText(segment));
  }
  return bytes;
}

function sizeOf(texts: Iterable<StoredText>): number {
  let bytes = 0;
  for (const { key, body } of texts) bytes += FRAME_BYTES + key.length + Buffer.byteLength(body ?? '');
  return bytes;
}

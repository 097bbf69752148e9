/**
 * The text of a snapshot file: a header line, a line for each thing, and the SHA-256 of all lines before it. Lines, so that a
 * large rule set is written in slices and never as one string. Pure.
 */
import { createHash } from 'node:crypto';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import type { KeptRules } from '../ruleset/cache.ts';
import type { StoredObject } from '../ruleset/environment-rules.ts';

export const SNAPSHOT_FORMAT = 1;

/** What one environment serves at one revision. */
export type EnvironmentSnapshot = Omit<KeptRules, 'objects'> & { readonly objects: Iterable<StoredObject> };

/** Every active SDK key, whether it was ever used or not. */
export type KeysSnapshot = ReadonlyMap<string, SdkKey>;

export type Snapshot<Environment = EnvironmentSnapshot> =
  | ({ readonly kind: 'environment'; readonly instanceId: string } & Environment)
  | { readonly kind: 'keys'; readonly instanceId: string; readonly keys: KeysSnapshot };

/** A file that is not used: why, in words that follow its name. */
export interface UnusableSnapshot {
  readonly kind: 'unusable';
  readonly why: string;
}

/** Lines without their ends; the last one, the checksum, is made from the others by `checksumLine`. */
export function* snapshotLines(snapshot: Snapshot): Generator<string> {
  const { kind, instanceId } = snapshot;
  if (kind === 'keys') {
    yield JSON.stringify({ format: SNAPSHOT_FORMAT, kind, instanceId });
    for (const [keyHash, key] of snapshot.keys) yield JSON.stringify({ keyHash, ...key });
    return;
  }
  const { objects, ...header } = snapshot;
  yield JSON.stringify({ format: SNAPSHOT_FORMAT, ...header });
  for (const object of objects) yield JSON.stringify(object);
}

/** @param sha256 in hex, of all lines before with their ends */
export function checksumLine(sha256: string): string {
  return `${JSON.stringify({ sha256 })}\n`;
}

export function parseSnapshot(text: string): Snapshot<KeptRules> | UnusableSnapshot {
  const end = text.lastIndexOf('\n', text.length - 2) + 1;
  const content = text.slice(0, end);
  try {
    const { sha256 }: { sha256?: string } = JSON.parse(text.slice(end));
    if (sha256 !== createHash('sha256').update(content).digest('hex')) return unusable('is damaged');
    const [header, ...lines] = content.trimEnd().split('\n');
    return readLines(JSON.parse(header ?? ''), lines);
  } catch {
    return unusable('is damaged');
  }
}

type Header = { readonly format: number; readonly instanceId: string } & (
  | { readonly kind: 'keys' }
  | ({ readonly kind: 'environment' } & Omit<KeptRules, 'objects'>)
);

/** What is inside was written by this server and is protected by the checksum; its shape depends on `format` alone. */
function readLines({ format, ...header }: Header, lines: readonly string[]): Snapshot<KeptRules> | UnusableSnapshot {
  if (format !== SNAPSHOT_FORMAT) return unusable(`has format ${format}, which this version does not read`);
  if (header.kind === 'keys') return { ...header, keys: new Map(lines.map(readKey)) };
  return { ...header, objects: lines.map((line) => JSON.parse(line) as StoredObject) };
}

function readKey(line: string): readonly [string, SdkKey] {
  const { keyHash, ...key } = JSON.parse(line) as SdkKey & { readonly keyHash: string };
  return [keyHash, key];
}

function unusable(why: string): UnusableSnapshot {
  return { kind: 'unusable', why };
}

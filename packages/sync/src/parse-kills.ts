/**
 * Kills out of JSON that may be anything: the frozen schema and nothing else. No rule is read here and no rule code is
 * imported, so that what turns flags off works whatever became of the rest. Unknown members and unreadable entries are dropped.
 */
import type { Kill, KillsAnswer } from './messages.ts';

/** The body of `GET /sync/v1/kills`; null when it is none. */
export function parseKillsAnswer(text: string): KillsAnswer | null {
  try {
    const json = JSON.parse(text);
    const { epoch, revision, off } = json;
    if (typeof epoch !== 'string' || epoch === '' || !isRevision(revision) || !Array.isArray(off)) return null;
    return { epoch, revision, off: parseKills(off) };
  } catch {
    return null;
  }
}

/** Those entries that name a flag and a revision; an unreadable off variant counts as none. */
export function parseKills(entries: unknown): readonly Kill[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: Partial<Record<keyof Kill, unknown>> | null) => {
    const { key, offVariant, revision } = entry ?? {};
    if (typeof key !== 'string' || !isRevision(revision)) return [];
    return [{ key, offVariant: typeof offVariant === 'string' ? offVariant : null, revision }];
  });
}

export function isRevision(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

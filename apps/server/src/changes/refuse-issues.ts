/**
 * The candidate of a change must be sound before it is committed: the rule sets as they would be are compiled
 * and validated, and an issue that was not there before refuses the change. Issues of old bodies refuse
 * nothing, or nobody could repair an environment step by step.
 */
import type { RuleSet } from '@yardarm/evaluator';
import { bodyPath, LIMITS, validate } from '@yardarm/evaluator/validate';
import { sql } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import { toJsonPath } from '../http/zod-details.ts';
import { loadSensitive } from '../projects/load-sensitive.ts';
import { type Exposure, findExposures, findUnhashable } from '../ruleset/client-exposure.ts';
import { loadTexts, selectRuleSet, type Texts, withWrites } from './candidate.ts';
import { clientViewBytes, MAX_CLIENT_VIEW_BYTES } from './client-size.ts';
import type { BodyWrite } from './record-change.ts';

interface Finding {
  readonly code: string;
  /** JSON Pointer into the rule set. */
  readonly path: string;
  readonly message: string;
}

/** Issues that say: what is written here does not exist. */
const REFERENCE_CODES: ReadonlySet<string> = new Set(['unknown_flag', 'unknown_segment', 'unknown_variant']);

/** Those of `writes` whose text differs from what the environment serves now. */
export async function changedBodies(tx: Tx, writes: readonly BodyWrite[]): Promise<BodyWrite[]> {
  const places = writes.map(({ environmentId, kind, key }) => ({ environmentId, kind, key }));
  const newest = await tx.execute<{ body: string | null }>(sql`
    select newest.body
    from jsonb_array_elements(${JSON.stringify(places)}::jsonb) with ordinality as place(item, number)
    left join lateral (
      select o.body from rule_objects o
      where o.environment_id = (place.item->>'environmentId')::uuid and o.kind = place.item->>'kind' and o.key = place.item->>'key'
      order by o.revision desc limit 1
    ) newest on true
    order by place.number`);
  return writes.filter((write, index) => (newest[index]?.body ?? null) !== write.body);
}

/**
 * Throws `invalid_reference` or `validation_failed` with every issue that `writes` introduce, under the JSON
 * path of the request where the issue lies in what it writes; otherwise answers what `writes` show to browsers. The
 * caller holds the environments' head locks, as does whoever declares an attribute sensitive.
 */
export async function refuseIntroducedIssues(
  tx: Tx,
  project: { readonly id: string; readonly key: string },
  environments: readonly { readonly id: string; readonly key: string }[],
  writes: readonly BodyWrite[],
): Promise<Exposure[]> {
  const details = new Map<string, ErrorDetail>();
  const exposures = new Map<string, Exposure>();
  const sensitive = await loadSensitive(tx, project.id);
  for (const environment of environments) {
    const own = writes.filter((write) => write.environmentId === environment.id);
    if (own.length === 0) continue;
    const current = await loadTexts(tx, environment.id);
    const candidate = withWrites(current, own);
    const select = (texts: Texts) => selectRuleSet({ project: project.key, environment: environment.key }, texts, own);
    const selected = select(candidate);
    const found = [...findIssues(selected, sensitive), ...findExcess(current, candidate)];
    for (const exposure of findExposures(selected)) if (isWritten(exposure, own)) exposures.set(exposure.message, exposure);
    for (const finding of found.length === 0 ? [] : introduced(findIssues(select(current), sensitive), found)) {
      const path = toRequestPath(finding.path, own);
      details.set(`${path} ${finding.message}`, { path, message: finding.message, code: finding.code });
    }
  }
  const all = [...details.values()];
  const [first] = all;
  if (first === undefined) return [...exposures.values()];
  const code = all.every((detail) => REFERENCE_CODES.has(detail.code ?? '')) ? 'invalid_reference' : 'validation_failed';
  const message = all.length === 1 ? first.message : `${first.message} And ${all.length - 1} more; see details.`;
  throw new AppError(code, message, { details: all });
}

function findIssues(ruleSet: RuleSet, sensitive: ReadonlySet<string>): Finding[] {
  return [...validate(ruleSet), ...findServerOnlyPrerequisites(ruleSet), ...findUnhashable(ruleSet, sensitive)];
}

function isWritten({ path }: Exposure, writes: readonly BodyWrite[]): boolean {
  return writes.some(({ kind, key }) => path.startsWith(`${bodyPath(kind, key)}/`));
}

/** Findings minus what was known: by place first, then one for one per entity and code, since an edit moves places. */
function introduced(known: readonly Finding[], found: readonly Finding[]): readonly Finding[] {
  const before = new Set(known.map(toPlace));
  const after = new Set(found.map(toPlace));
  const gone = new Map<string, number>();
  for (const finding of known)
    if (!after.has(toPlace(finding))) gone.set(toGroup(finding), (gone.get(toGroup(finding)) ?? 0) + 1);
  return found.filter((finding) => {
    if (before.has(toPlace(finding))) return false;
    const left = gone.get(toGroup(finding)) ?? 0;
    gone.set(toGroup(finding), left - 1);
    return left <= 0;
  });
}

function toPlace({ code, path }: Finding): string {
  return `${code} ${path}`;
}

function toGroup({ code, path }: Finding): string {
  return `${code} ${path.split('/', 3).join('/')}`;
}

/** The limits of the whole set, which the part that is validated cannot show; only growth is refused. */
function findExcess(current: Texts, candidate: Texts): Finding[] {
  const findings: Finding[] = [];
  const check = (thing: string, before: number, after: number, most: number) => {
    const message = `The rule set has ${after} ${thing}; ${most} are allowed.`;
    if (after > most && after > before) findings.push({ code: 'limit', path: '', message });
  };
  check('flags', countFlags(current), countFlags(candidate), LIMITS.flags);
  check('bytes', countBytes(current), countBytes(candidate), LIMITS.ruleSetBytes);
  const visibleBytes = clientViewBytes(candidate);
  // The former size is asked for only where the new one is too much.
  if (visibleBytes > MAX_CLIENT_VIEW_BYTES)
    check('bytes for browsers', clientViewBytes(current), visibleBytes, MAX_CLIENT_VIEW_BYTES);
  return findings;
}

function countFlags(texts: Texts): number {
  let count = 0;
  for (const { kind } of texts.values()) if (kind === 'flag') count += 1;
  return count;
}

function countBytes(texts: Texts): number {
  let bytes = 0;
  for (const { body } of texts.values()) bytes += Buffer.byteLength(body ?? '');
  return bytes;
}

/** Browsers evaluate a clientSide flag themselves, so they must be able to see what it depends on. */
function findServerOnlyPrerequisites({ flags }: RuleSet): Finding[] {
  const findings: Finding[] = [];
  for (const [key, flag] of Object.entries(flags)) {
    if (flag.clientSide !== true) continue;
    for (const [index, prerequisite] of (flag.prerequisites ?? []).entries()) {
      const required = Object.hasOwn(flags, prerequisite.flag) ? flags[prerequisite.flag] : undefined;
      if (required === undefined || required.clientSide === true) continue;
      findings.push({
        code: 'server_only_prerequisite',
        path: `/flags/${key}/prerequisites/${index}`,
        message: `Flag '${key}' is sent to browsers, but its prerequisite '${prerequisite.flag}' is not; mark that one clientSide too.`,
      });
    }
  }
  return findings;
}

/** JSON Pointer into the rule set to the path in the request: what the request writes needs no prefix. */
function toRequestPath(pointer: string, writes: readonly BodyWrite[]): string {
  const [, ...steps] = pointer.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const [first] = writes;
  const isOwn = writes.length === 1 && steps[0] === `${first?.kind}s` && steps[1] === first?.key;
  return toJsonPath((isOwn ? steps.slice(2) : steps).map((step) => (/^\d+$/.test(step) ? Number(step) : step)));
}

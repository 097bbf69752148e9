/**
 * The candidate of a change must be sound before it is committed: the rule sets as they would be are compiled
 * and validated, and an issue that was not there before refuses the change. Issues of old bodies refuse
 * nothing, or nobody could repair an environment step by step.
 */
import type { FlagBody, RuleSet, SegmentBody } from '@yardarm/evaluator';
import { validate } from '@yardarm/evaluator/validate';
import { and, asc, desc, eq, inArray } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { ruleObjects } from '../db/schema.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import { toJsonPath } from '../http/zod-details.ts';
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
  const changed: BodyWrite[] = [];
  for (const write of writes) {
    const [current] = await tx
      .select({ body: ruleObjects.body })
      .from(ruleObjects)
      .where(
        and(eq(ruleObjects.environmentId, write.environmentId), eq(ruleObjects.kind, write.kind), eq(ruleObjects.key, write.key)),
      )
      .orderBy(desc(ruleObjects.revision))
      .limit(1);
    if ((current?.body ?? null) !== write.body) changed.push(write);
  }
  return changed;
}

/**
 * Throws `invalid_reference` or `validation_failed` with every issue that `writes` introduce, under the JSON
 * path of the request where the issue lies in what it writes. The caller holds the environments' head locks.
 */
export async function refuseIntroducedIssues(
  tx: Tx,
  project: { readonly key: string },
  environments: readonly { readonly id: string; readonly key: string }[],
  writes: readonly BodyWrite[],
): Promise<void> {
  const details = new Map<string, ErrorDetail>();
  for (const environment of environments) {
    const own = writes.filter((write) => write.environmentId === environment.id);
    if (own.length === 0) continue;
    const header = { project: project.key, environment: environment.key };
    const current = await loadTexts(tx, environment.id);
    const candidate = new Map(current);
    for (const write of own) candidate.set(toId(write), write);
    for (const finding of introduced(header, current, candidate)) {
      const path = toRequestPath(finding.path, own);
      details.set(`${path} ${finding.message}`, { path, message: finding.message, code: finding.code });
    }
  }
  const all = [...details.values()];
  const [first] = all;
  if (first === undefined) return;
  const code = all.every((detail) => REFERENCE_CODES.has(detail.code ?? '')) ? 'invalid_reference' : 'validation_failed';
  throw new AppError(code, all.length === 1 ? first.message : `${first.message} And ${all.length - 1} more; see details.`, {
    details: all,
  });
}

interface StoredText {
  readonly kind: BodyWrite['kind'];
  readonly key: string;
  readonly body: string | null;
}
type Texts = ReadonlyMap<string, StoredText>;
type Header = Pick<RuleSet, 'project' | 'environment'>;

function toId({ kind, key }: Pick<StoredText, 'kind' | 'key'>): string {
  return `${kind}:${key}`;
}

async function loadTexts(tx: Tx, environmentId: string): Promise<Texts> {
  const rows = await tx
    .selectDistinctOn([ruleObjects.kind, ruleObjects.key], {
      kind: ruleObjects.kind,
      key: ruleObjects.key,
      body: ruleObjects.body,
    })
    .from(ruleObjects)
    .where(and(eq(ruleObjects.environmentId, environmentId), inArray(ruleObjects.kind, ['flag', 'segment'])))
    .orderBy(asc(ruleObjects.kind), asc(ruleObjects.key), desc(ruleObjects.revision));
  return new Map(rows.map((row) => [toId(row), row]));
}

/** Findings of the candidate minus those of the present state: by place first, then one for one per entity and code, since an edit moves places. */
function introduced(header: Header, current: Texts, candidate: Texts): readonly Finding[] {
  const found = findIssues(header, candidate);
  if (found.length === 0) return [];
  const known = findIssues(header, current);
  const places = new Set(known.map(({ code, path }) => `${code} ${path}`));
  const moved = found.filter(({ code, path }) => !places.has(`${code} ${path}`));
  const stillThere = new Set(found.map(({ code, path }) => `${code} ${path}`));
  const gone = new Map<string, number>();
  for (const finding of known)
    if (!stillThere.has(`${finding.code} ${finding.path}`)) gone.set(toGroup(finding), (gone.get(toGroup(finding)) ?? 0) + 1);
  return moved.filter((finding) => {
    const left = gone.get(toGroup(finding)) ?? 0;
    gone.set(toGroup(finding), left - 1);
    return left <= 0;
  });
}

function toGroup({ code, path }: Finding): string {
  return `${code} ${path.split('/', 3).join('/')}`;
}

function findIssues(header: Header, texts: Texts): readonly Finding[] {
  const bodies = [...texts.values()].filter((text) => text.body !== null);
  const pick = <Body>(kind: BodyWrite['kind']): { [key: string]: Body } =>
    Object.fromEntries(
      bodies.filter((text) => text.kind === kind).map(({ key, body }) => [key, { ...JSON.parse(body as string), ...STAMP }]),
    );
  const flags = pick<FlagBody>('flag');
  return [
    ...validate({ format: 1, epoch: 'candidate', revision: 1, ...header, flags, segments: pick<SegmentBody>('segment') }),
    ...findServerOnlyPrerequisites(flags),
  ];
}

/** A candidate has no revision yet; the validator asks for a whole body. */
const STAMP = { revision: 1, tag: '0'.repeat(16) };

/** Browsers evaluate a clientSide flag themselves, so they must be able to see what it depends on. */
function findServerOnlyPrerequisites(flags: { readonly [key: string]: FlagBody }): Finding[] {
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
  const [, collection, key, ...rest] = pointer.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const isOwn = writes.length === 1 && collection === `${writes[0]?.kind}s` && key === writes[0]?.key;
  const steps = isOwn ? rest : [collection ?? '', key ?? '', ...rest];
  return toJsonPath(steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step)));
}

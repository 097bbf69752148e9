/**
 * Reads an export into an instance without projects, in the one transaction of its command: either all of it is here
 * afterwards, and serves exactly the bodies of the other instance, or nothing is.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  type ChangeKind,
  type CommandOf,
  ExportFileError,
  type ExportLine,
  exportEnd,
  exportHeader,
  type ImportReport,
  type Right,
  readExport,
} from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import type { BodyWrite, EntityChange } from '../changes/record-change.ts';
import { environmentHeads, projects } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { type FlagEnvironmentRow, type FlagRow, toFlagBody } from '../flags/flag-store.ts';
import { requireHeld } from '../grants/grant-places.ts';
import { toJsonPath } from '../http/zod-details.ts';
import { admitPatterns } from '../patterns/admit-patterns.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { mintEpoch } from '../ruleset/epoch.ts';
import { type SegmentEnvironmentRow, toSegmentBody } from '../segments/segment-store.ts';
import { digestBodies } from './digest-bodies.ts';
import { BODY_TYPES, ENTITY_TYPES, type EntityType, rowSchema } from './entity-types.ts';
import { importRows, type Replaced, type Row } from './import-rows.ts';

/** One statement of an import; the limit of a command is made for single changes. */
const STATEMENT_TIMEOUT_MS = 120_000;
const ROWS_PER_INSERT = 500;

/** Types that are of no use without what is exported only with secrets. */
const NEED_SECRETS: ReadonlySet<string> = new Set(['token', 'key', 'webhook']);

/** What is recorded of an entity: nothing that only this instance means, no secret, nothing that counts. */
const NOT_RECORDED = /^(?:.*Id|.*Hash|secret|url|salt|version|createdAt|updatedAt|lastUsedAt|body)$/;

const EVERYTHING: Right = { role: 'admin', actions: [], project: null, environment: null };

/** Throws `forbidden` to whom may not do everything, `already_exists` where there are projects, and `validation_failed` with the line that is wrong. */
export async function importInstance(context: CommandContext, command: CommandOf<'instance.import'>): Promise<ImportReport> {
  const { tx, principal, attachment } = context;
  requireHeld(principal, [EVERYTHING], 'import an instance');
  if (attachment === null) throw new Error('An import came without its file.');
  await tx.execute(sql`select set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`);
  // Nobody makes a project between the look and the commit.
  await tx.execute(sql`lock table ${projects} in share row exclusive mode`);
  const [known] = await tx.select({ key: projects.key }).from(projects).limit(1);
  if (known !== undefined)
    throw new AppError(
      'already_exists',
      `This instance has projects already ('${known.key}'); import into a new one, started with an empty database and without the demo.`,
    );
  const importing = startImport(context);
  const sha256 = createHash('sha256');
  try {
    for await (const line of readExport(createReadStream(attachment), sha256)) await importing.take(line);
  } catch (error) {
    if (error instanceof ExportFileError) throw refusal(error.message);
    throw error;
  }
  return importing.finish(command);
}

interface Place {
  readonly key: string;
  readonly projectId: string;
}

function startImport({ tx, nowMs, record, secretBox }: CommandContext) {
  const replaced: Replaced = new Map();
  const flags = new Map<string, FlagRow>();
  const segments = new Map<string, Place>();
  const environments = new Map<string, Place>();
  const changes = new Map<string | null, EntityChange[]>();
  const bodies = new Map<string, BodyWrite[]>();
  const leftOut: Record<string, number> = {};
  const leftOutIds = new Set<unknown>();
  let schemas: ReadonlyMap<string, { readonly type: EntityType; readonly schema: ReturnType<typeof rowSchema> }> = new Map();
  let header = { secrets: false };
  let end = { bodies: '', counts: {} as Record<string, number> };
  let batch: { readonly type: EntityType; readonly rows: Row[]; readonly first: number } | undefined;

  async function take(line: ExportLine): Promise<void> {
    const { type, value } = line;
    if (type === 'header') {
      header = exportHeader.parse({ type, ...value });
      schemas = new Map(ENTITY_TYPES.map((one) => [one.type, { type: one, schema: rowSchema(one, header) }]));
    } else if (type === 'end') end = exportEnd.parse({ type, ...value });
    else if (type !== 'history') await takeRow(line);
  }

  async function takeRow({ number, type: name, value }: ExportLine): Promise<void> {
    const known = schemas.get(name);
    if (known === undefined)
      throw refusal(`Line ${number} has the type '${name}', which this version does not know; use a newer one.`);
    const parsed = known.schema.safeParse(value.row);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw refusal(`Line ${number}, of type '${name}', is wrong at '${toJsonPath(issue?.path ?? [])}': ${issue?.message}`);
    }
    // As written, not as parsed: defaults that a schema fills in would be other bytes.
    const row = value.row as Row;
    // Its secret was sealed by a server with another secret file: nobody could sign with it.
    const isSealed = name === 'webhook' && secretBox?.open(String(row.secret), String(row.id)) == null;
    if ((NEED_SECRETS.has(name) && !header.secrets) || isSealed || (name === 'grant' && leftOutIds.has(row.apiTokenId))) {
      leftOut[name] = (leftOut[name] ?? 0) + 1;
      leftOutIds.add(row.id);
      return;
    }
    if (batch !== undefined && (batch.type !== known.type || batch.rows.length >= ROWS_PER_INSERT)) await flush();
    batch ??= { type: known.type, rows: [], first: number };
    batch.rows.push(row);
    note(known.type.type, row, number);
    if (BODY_TYPES.has(name)) await takeBody(name, row, number);
  }

  async function flush(): Promise<void> {
    if (batch === undefined) return;
    const { type, rows, first } = batch;
    batch = undefined;
    try {
      await importRows(tx, type, rows, replaced);
      if (type.type === 'environment')
        await tx.insert(environmentHeads).values(
          rows.map(({ id }) => ({
            environmentId: String(id),
            epoch: mintEpoch(nowMs),
            revision: 0,
          })),
        );
    } catch (cause) {
      const code = sqlstateOf(cause);
      if (!code?.startsWith('23') && !code?.startsWith('22')) throw cause;
      const last = first + rows.length - 1;
      throw refusal(
        `Lines ${first} to ${last}, of type '${type.type}', repeat each other or name what is not in the file (${code}).`,
        cause,
      );
    }
  }

  /** Remembers what later lines refer to, and what the record will say. */
  function note(type: string, row: Row, number: number): void {
    if (type === 'identity' || type === 'member') return;
    if (type === 'flag') flags.set(String(row.id), row as unknown as FlagRow);
    if (type === 'segment') segments.set(String(row.id), row as unknown as Place);
    if (type === 'environment') environments.set(String(row.id), row as unknown as Place);
    const half = flags.get(String(row.flagId)) ?? segments.get(String(row.segmentId));
    const environmentId = typeof row.environmentId === 'string' && type !== 'grant' ? row.environmentId : null;
    const projectId = type === 'project' ? row.id : type === 'grant' ? null : (row.projectId ?? projectOf(environmentId, number));
    const ofProject = typeof projectId === 'string' ? projectId : null;
    const list = changes.get(ofProject) ?? [];
    changes.set(ofProject, list);
    list.push({
      kind: type.split('-')[0] as ChangeKind,
      key: String(half?.key ?? row.key ?? (type === 'key' || type === 'grant' ? row.id : row.name)),
      environmentId: type === 'environment' ? String(row.id) : environmentId,
      before: null,
      after: Object.fromEntries(Object.entries(row).filter(([name]) => type === 'grant' || !NOT_RECORDED.test(name))),
    });
  }

  function projectOf(environmentId: string | null, number: number): string | null {
    if (environmentId === null) return null;
    const environment = environments.get(environmentId);
    if (environment === undefined) throw refusal(`Line ${number} names an environment that no line before it has.`);
    return environment.projectId;
  }

  async function takeBody(type: string, row: Row, number: number): Promise<void> {
    const environmentId = String(row.environmentId);
    const projectId = projectOf(environmentId, number) ?? '';
    const flag = flags.get(String(row.flagId));
    const half = flag ?? segments.get(String(row.segmentId));
    if (half?.projectId !== projectId)
      throw refusal(`Line ${number} names a flag or segment that no line before it has, or one of another project.`);
    const derived =
      flag === undefined
        ? toSegmentBody(row as unknown as SegmentEnvironmentRow)
        : toFlagBody(flag, row as unknown as FlagEnvironmentRow);
    const body = row.body === undefined ? derived : (row.body as string | null);
    // What is served now, and what the next edit would serve.
    await refusePatterns(derived, number);
    if (body === null) return;
    if (body !== derived) {
      refuseForeignText(body, number);
      await refusePatterns(body, number);
    }
    const list = bodies.get(projectId) ?? [];
    bodies.set(projectId, list);
    list.push({ environmentId, kind: type === 'flag-environment' ? 'flag' : 'segment', key: half.key, body });
  }

  async function finish(command: CommandOf<'instance.import'>): Promise<ImportReport> {
    await flush();
    for (const [projectId, list] of changes) {
      if (projectId === null) continue;
      const ids = [...environments].filter(([, place]) => place.projectId === projectId).map(([id]) => id);
      await record(await lockHeads(tx, ids), { projectId, changes: list, bodies: bodies.get(projectId) ?? [] });
    }
    const { sha256 } = command.input;
    const summary = {
      kind: 'instance' as const,
      key: 'import',
      environmentId: null,
      before: null,
      after: { sha256, counts: end.counts },
    };
    await record(await lockHeads(tx, []), { projectId: null, changes: [summary, ...(changes.get(null) ?? [])], bodies: [] });
    const found = await digestBodies(tx);
    if (found.sha256 !== end.bodies)
      throw refusal(
        'The last line has another SHA-256 of all bodies than what its lines make here: the file was put together by hand.',
      );
    return { counts: taken(), leftOut, bodies: found.sha256 };
  }

  /** Lines of each type that are here now. */
  function taken(): Record<string, number> {
    const counts = Object.entries(end.counts).map(([name, count]) => [name, count - (leftOut[name] ?? 0)] as const);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }

  return { take, finish };
}

/** A body is served as it stands, so it must be a text that this product writes: nothing is twice in it, or in disguise. */
function refuseForeignText(body: string, number: number): void {
  const parsed = parseObject(body);
  if (parsed === null || canonicalJson(parsed) !== body)
    throw refusal(`Line ${number} has a body that is not the canonical JSON of an object.`);
}

function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** A body is served as it stands, so its patterns must have been admitted as they stand. Throws `validation_failed`. */
async function refusePatterns(body: string, number: number): Promise<void> {
  if (!body.includes('matches')) return;
  const { rules, when } = JSON.parse(body) as Pick<CommandOf<'flag.configure'>['input'], 'rules'> &
    Pick<CommandOf<'segment.configure'>['input'], 'when'>;
  const target = { project: '-', environment: '-' };
  const version = { configuration: 1 };
  const check = async () => {
    const flag = { type: 'flag.configure', target: { ...target, flag: '-' }, input: { rules }, baseVersions: version } as const;
    const segment = {
      type: 'segment.configure',
      target: { ...target, segment: '-' },
      input: { when },
      baseVersions: version,
    } as const;
    const admitted = [
      (await admitPatterns<CommandOf<'flag.configure'>>(flag)).input.rules,
      (await admitPatterns<CommandOf<'segment.configure'>>(segment)).input.when,
    ];
    return canonicalJson([admitted[0] ?? null, admitted[1] ?? null]) === canonicalJson([rules ?? null, when ?? null]);
  };
  const isAdmitted = await check().catch((error: unknown) => {
    throw error instanceof AppError ? refusal(`Line ${number}: ${error.message}`, error) : error;
  });
  if (!isAdmitted)
    throw refusal(`Line ${number} has a regular expression without the limit of its input that this version sets.`);
}

function refusal(message: string, cause?: unknown): AppError {
  return new AppError('validation_failed', `${message} Nothing was imported.`, { cause });
}

function sqlstateOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && typeof cause.code === 'string' && /^[0-9A-Z]{5}$/.test(cause.code)) return cause.code;
  return undefined;
}

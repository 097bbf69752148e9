/** What generated files are made of: the flags of one project, from the server or from an export. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  ExportFileError,
  exportedFlag,
  exportedFlagEnvironment,
  exportedProject,
  type Flag,
  readExport,
} from '@yardarm/contract';
import { ApiError, UsageError } from './usage.ts';

export interface FlagDefinition {
  readonly key: string;
  readonly type: Flag['type'];
  readonly kind: Flag['kind'];
  readonly description: string;
  readonly variants: Flag['variants'];
  /** Served where the flag is off, of each environment; null: the code default. */
  readonly offVariants: readonly (string | null)[];
}

/** Without archived flags: code that still names one should not compile. In order of their keys. */
export function toDefinitions(flags: readonly Flag[]): FlagDefinition[] {
  return inOrder(
    flags
      .filter(({ archivedAt }) => archivedAt === null)
      .map(({ key, type, kind, description, variants: all, environments }) => ({
        ...{ key, type, kind, description, variants: all },
        offVariants: environments.map(({ offVariant }) => offVariant),
      })),
  );
}

/** The same from a file that `yardarm export` wrote. Throws a UsageError with the line, or where the project is not in it. */
export async function readDefinitions(path: string, project: string): Promise<FlagDefinition[]> {
  let projectId: string | undefined;
  const flags = new Map<string, FlagDefinition & { readonly offVariants: (string | null)[] }>();
  try {
    for await (const { number, type, value } of readExport(createReadStream(path), createHash('sha256'))) {
      if (type === 'project') {
        const { id, key } = parseRow(exportedProject, value.row, number);
        if (key === project) projectId = id;
      } else if (type === 'flag') {
        const row = parseRow(exportedFlag, value.row, number);
        if (row.projectId === projectId && row.archivedAt === null) flags.set(row.id, { ...row, offVariants: [] });
      } else if (type === 'flag-environment') {
        const { flagId, offVariant } = parseRow(exportedFlagEnvironment, value.row, number);
        flags.get(flagId)?.offVariants.push(offVariant);
      }
    }
  } catch (error) {
    if (error instanceof ExportFileError) throw new ApiError(`${path}: ${error.message}`, { cause: error });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`'${path}' cannot be read (${code}).`, { cause: error });
  }
  if (projectId === undefined) throw new UsageError(`${path} holds no project '${project}'.`);
  return inOrder([...flags.values()]);
}

type Parsed<Row> =
  | { readonly success: true; readonly data: Row }
  | {
      readonly success: false;
      readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };
    };

function parseRow<Row>(schema: { safeParse(row: unknown): Parsed<Row> }, row: unknown, number: number): Row {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ExportFileError(`Line ${number} cannot be read at '${issue?.path.join('.')}': ${issue?.message}`);
}

/** By code units, so that the order is the same on every machine. */
function inOrder(definitions: readonly FlagDefinition[]): FlagDefinition[] {
  return [...definitions].sort((a, b) => (a.key < b.key ? -1 : 1));
}

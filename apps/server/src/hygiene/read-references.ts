/** Where code names flags, for people: of one flag with every place, of a project by branch and by flag. */
import type { CodePlace, FlagReferences, ProjectReferences } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import type { ProjectRow } from '../projects/project-store.ts';

type HeadFields = {
  readonly repository: string;
  readonly line_url: string | null;
  readonly branch: string;
  readonly is_default: boolean;
  readonly commit: string;
  readonly committed_at: number | null;
  readonly uploaded_at: number;
  readonly uploaded_by: string;
};

const HEAD = sql`
  r.name as repository, r.line_url, h.branch, h.branch is not distinct from r.default_branch as is_default, s.commit, s.uploaded_by,
  (extract(epoch from s.committed_at) * 1000)::float8 as committed_at, (extract(epoch from s.uploaded_at) * 1000)::float8 as uploaded_at`;
const HEADS = sql`
  repositories r join branch_heads h on h.repository_id = r.id join reference_sets s on s.id = h.set_id`;

/** Heads that do not name the flag are listed too, with no place: that they were looked through is worth as much. */
export async function readFlagReferences(db: Database, project: ProjectRow, flag: string): Promise<FlagReferences> {
  const rows = await db.execute<HeadFields & { count: number | null; places: CodePlace[] | null }>(sql`
    select ${HEAD}, c.count, c.places from ${HEADS} left join code_references c on c.set_id = s.id and c.flag_key = ${flag}
    where r.project_id = ${project.id} order by is_default desc, r.name, h.branch`);
  return {
    flag,
    branches: rows.map(({ repository, count, places, ...head }) => ({
      repository,
      ...presentHead(head),
      count: count ?? 0,
      places: (places ?? []).map((place) => ({ ...place, url: toUrl(head.line_url, head.commit, place) })),
    })),
  };
}

export async function readProjectReferences(db: Database, project: ProjectRow): Promise<ProjectReferences> {
  const [heads, repositories, flags] = await Promise.all([
    db.execute<HeadFields & { flags: number; references: number; left: number }>(sql`
      select ${HEAD}, cardinality(s.keys) as flags, s."references", s."left" from ${HEADS}
      where r.project_id = ${project.id} order by is_default desc, h.branch`),
    db.execute<{ name: string; line_url: string | null; commits: number }>(sql`
      select r.name, r.line_url, (select count(*) from reference_sets s where s.repository_id = r.id)::integer as commits
      from repositories r where r.project_id = ${project.id} order by r.name`),
    db.execute<{ key: string; references: number; is_known: boolean; is_archived: boolean }>(sql`
      select c.flag_key as key, sum(c.count)::integer as "references", bool_or(f.id is not null) as is_known,
        bool_or(f.archived_at is not null) as is_archived
      from repositories r join branch_heads h on h.repository_id = r.id and h.branch = r.default_branch
      join code_references c on c.set_id = h.set_id left join flags f on f.project_id = r.project_id and f.key = c.flag_key
      where r.project_id = ${project.id} group by 1 order by 1`),
  ]);
  return {
    project: project.key,
    repositories: repositories.map(({ name, line_url, commits }) => ({
      name,
      lineUrl: line_url,
      branches: heads
        .filter(({ repository }) => repository === name)
        .map(({ flags: named, references, left, ...head }) => ({ ...presentHead(head), flags: named, references, left })),
      commits,
    })),
    flags: flags.map(({ key, references, is_known, is_archived }) => {
      return { key, references, isKnown: is_known, isArchived: is_archived };
    }),
  };
}

function presentHead(head: Omit<HeadFields, 'repository'>) {
  return {
    branch: head.branch,
    isDefault: head.is_default,
    commit: head.commit,
    committedAt: head.committed_at === null ? null : new Date(head.committed_at).toISOString(),
    uploadedAt: new Date(head.uploaded_at).toISOString(),
    uploadedBy: head.uploaded_by,
  };
}

/** What a file's name holds cannot leave its place in the address. */
function toUrl(template: string | null, commit: string, { path, line }: CodePlace): string | null {
  const values: Readonly<Record<string, string>> = {
    commit,
    path: path.split('/').map(encodeURIComponent).join('/'),
    line: String(line),
  };
  return template?.replaceAll(/\{(path|line|commit)\}/g, (_, name: string) => values[name] ?? '') ?? null;
}
